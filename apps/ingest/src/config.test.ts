import { expect, test } from "vitest";
import { parseConfig } from "./config.ts";

test("every variable has a default, and an empty one counts as absent", () => {
  expect(parseConfig({ TRINITY_HOST: "" })).toMatchObject({
    TRINITY_HOST: "127.0.0.1",
    TRINITY_INGEST_PORT: 4318,
    TRINITY_MAX_EVENT_AGE: 604_800_000,
  });
});

test.each([
  ["7d", 604_800_000],
  ["90s", 90_000],
  ["12h", 43_200_000],
  ["unlimited", Number.POSITIVE_INFINITY],
])("an age of %s is %d ms", (text, ms) => {
  expect(parseConfig({ TRINITY_MAX_EVENT_AGE: text })).toMatchObject({ TRINITY_MAX_EVENT_AGE: ms });
});

test("all wrong variables are named, at once", () => {
  const parsed = parseConfig({ TRINITY_INGEST_PORT: "http", TRINITY_MAX_EVENT_AGE: "a week", TRINITY_PSEUDONYM_KEY: "short" });
  expect(parsed).toHaveProperty("problems");
  const { problems } = parsed as { problems: string[] };
  expect(problems.map((problem) => problem.split(":")[0]).sort()).toEqual([
    "TRINITY_INGEST_PORT",
    "TRINITY_MAX_EVENT_AGE",
    "TRINITY_PSEUDONYM_KEY",
  ]);
});
