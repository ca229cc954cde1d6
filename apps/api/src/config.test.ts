import { expect, test } from "vitest";
import { parseConfig } from "./config.ts";

test("everything has a default", () => {
  expect(parseConfig({})).toEqual({
    TRINITY_STORE: "sqlite",
    TRINITY_DATA_DIR: "./.data",
    TRINITY_HOST: "127.0.0.1",
    TRINITY_API_PORT: 4000,
    TRINITY_LOG_LEVEL: "info",
    OTEL_TRACES_SAMPLER_ARG: 1,
  });
});

test("an empty variable is one that was not set", () => {
  expect(parseConfig({ TRINITY_API_PORT: "", TRINITY_ADMIN_KEY: "" })).toEqual(parseConfig({}));
});

test("headers for the collector are pairs, percent-encoded", () => {
  expect(parseConfig({ OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20tk_x==,x-tenant=a" })).toMatchObject({
    OTEL_EXPORTER_OTLP_HEADERS: { authorization: "Bearer tk_x==", "x-tenant": "a" },
  });
});

test("every wrong variable is named at once", () => {
  const wrong = { TRINITY_STORE: "mysql", TRINITY_API_PORT: "70000", OTEL_EXPORTER_OTLP_ENDPOINT: "nowhere", OTEL_EXPORTER_OTLP_HEADERS: "x" };
  const { problems } = parseConfig(wrong) as { problems: readonly string[] };
  expect(problems.map((problem) => problem.split(":")[0]).sort()).toEqual(Object.keys(wrong).sort());
});

test.each(["-1", "1.5", "x", "65536"])("%s is no port", (port) => {
  expect(parseConfig({ TRINITY_API_PORT: port })).toHaveProperty("problems");
});

test.each(["a=%zz", "a=%"])("the headers %j are refused rather than thrown on", (headers) => {
  expect(parseConfig({ OTEL_EXPORTER_OTLP_HEADERS: headers })).toHaveProperty("problems");
});
