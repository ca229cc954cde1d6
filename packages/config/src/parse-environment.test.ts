import { type Failed, failed, unwrap } from "@trinity/runtime/result";
import { expect, test } from "vitest";
import { z } from "zod";
import { parseEnvironment } from "./parse-environment.ts";
import { parseStoreConfig } from "./store-config.ts";
import { age, interval, port, sharedVariables } from "./variables.ts";

const schema = z.object({ ...sharedVariables, SOME_PORT: port.default(4318), SOME_AGE: age.default(604_800_000) });

test("every variable has a default, and an empty one counts as absent", () => {
  expect(unwrap(parseEnvironment(schema, { TRINITY_HOST: "" }))).toMatchObject({
    TRINITY_HOST: "127.0.0.1",
    SOME_PORT: 4318,
    SOME_AGE: 604_800_000,
  });
});

test.each([
  ["7d", 604_800_000],
  ["90s", 90_000],
  ["12h", 43_200_000],
  ["unlimited", Number.POSITIVE_INFINITY],
])("an age of %s is %d ms", (text, ms) => {
  expect(unwrap(parseEnvironment(schema, { SOME_AGE: text }))).toMatchObject({ SOME_AGE: ms });
});

test.each(["unlimited", "25d", "0s"])("%s is no interval", (text) => {
  const parsed = parseEnvironment(z.object({ SOME_INTERVAL: interval }), { SOME_INTERVAL: text });
  expect(parsed).toEqual(failed([expect.stringMatching(/^SOME_INTERVAL: must be /)]));
});

test("all wrong variables are named, at once, and no value is repeated", () => {
  const parsed = parseEnvironment(schema, { SOME_PORT: "http", SOME_AGE: "a week", OTEL_EXPORTER_OTLP_HEADERS: "secret" });
  const { error: problems } = parsed as Failed<readonly string[]>;
  expect(problems.map((problem) => problem.split(":")[0]).toSorted()).toEqual(["OTEL_EXPORTER_OTLP_HEADERS", "SOME_AGE", "SOME_PORT"]);
  expect(problems.join()).not.toMatch(/secret|http|a week/);
});

test("headers are read as OpenTelemetry writes them", () => {
  expect(unwrap(parseEnvironment(schema, { OTEL_EXPORTER_OTLP_HEADERS: "x-api-key=a%20b, y=1" }))).toMatchObject({
    OTEL_EXPORTER_OTLP_HEADERS: { "x-api-key": "a b", y: "1" },
  });
});

test("where the data is, is named wrongly in no quiet way", () => {
  const wrong = { TRINITY_STORE: "postgres", DYNAMODB_ENDPOINT: "localhost", AWS_REGION: "Ireland", TRINITY_TABLE_PREFIX: "a b" };
  const { error: problems } = parseStoreConfig(wrong) as Failed<readonly string[]>;
  expect(problems.map((problem) => problem.split(":")[0])).toEqual(Object.keys(wrong));
  expect(unwrap(parseStoreConfig({ DYNAMODB_ENDPOINT: "http://127.0.0.1:8000", AWS_REGION: "us-gov-west-1" }))).toMatchObject({
    TRINITY_STORE: "sqlite",
    TRINITY_TABLE_PREFIX: "trinity-analytics-",
  });
});
