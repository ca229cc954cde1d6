import { failed, unwrap } from "@trinity/runtime/result";
import { expect, test } from "vitest";
import { parseConfig } from "./config.ts";

test("everything has a default", () => {
  expect(unwrap(parseConfig({}))).toMatchObject({ TRINITY_DATA_DIR: "./.data", TRINITY_HOST: "127.0.0.1", TRINITY_API_PORT: 4000 });
});

test.each(["-1", "1.5", "x", "4097"])("%s is no size of the cache of answers", (size) => {
  expect(parseConfig({ TRINITY_ANSWER_CACHE_MIB: size })).toEqual(failed([expect.stringContaining("TRINITY_ANSWER_CACHE_MIB")]));
});

test.each(["-1", "1.5", "x", "65536"])("%s is no port", (port) => {
  expect(parseConfig({ TRINITY_API_PORT: port })).toEqual(failed([expect.stringContaining("TRINITY_API_PORT")]));
});
