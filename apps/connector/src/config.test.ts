import { type Failed, failed, unwrap } from "@trinity/runtime/result";
import { expect, test } from "vitest";
import { parseConfig, parseLambdaConfig } from "./config.ts";
import { matchesAny } from "./table-pattern.ts";

test("only the key must be set, and for the Lambda the URL of ingest", () => {
  expect(unwrap(parseConfig({ TRINITY_INGEST_KEY: "k" }))).toMatchObject({
    TRINITY_SOURCE_TABLES: ["trinity-*"],
    TRINITY_CONNECTOR_PORT: 4002,
  });
  const ofLambda = { TRINITY_INGEST_KEY: "k", TRINITY_INGEST_URL: "https://ingest.example" };
  expect(unwrap(parseLambdaConfig(ofLambda))).toMatchObject({ TRINITY_SOURCE_TEST_ROWS: "drop", AWS_REGION: "eu-west-1" });
  expect(parseLambdaConfig({ TRINITY_INGEST_KEY: "", TRINITY_INGEST_URL: "" })).toEqual(
    failed([
      "TRINITY_INGEST_KEY: must be set: a key with the role service",
      "TRINITY_INGEST_URL: must be set: the http or https URL of ingest",
    ]),
  );
});

test("every wrong variable is named", () => {
  const env = {
    TRINITY_SOURCE_TABLES: "a b",
    TRINITY_INGEST_URL: "nowhere",
    TRINITY_SOURCE_SCAN_RATE: "0",
    TRINITY_SOURCE_POLL_INTERVAL: "5",
  };
  const { error: problems } = parseConfig(env) as Failed<readonly string[]>;
  expect(problems.map((problem) => problem.split(":")[0]).sort()).toEqual([
    "TRINITY_INGEST_KEY",
    "TRINITY_INGEST_URL",
    "TRINITY_SOURCE_POLL_INTERVAL",
    "TRINITY_SOURCE_SCAN_RATE",
    "TRINITY_SOURCE_TABLES",
  ]);
});

test("a pattern is a name in which * matches anything", () => {
  const patterns = ["trinity-rooms-*", "trinity-votes.dev"];
  const names = ["trinity-rooms-dev-v2", "trinity-votes.dev", "trinity-votes-dev", "x-trinity-rooms-dev", "trinity-rooms"];
  expect(names.filter((name) => matchesAny(name, patterns))).toEqual(["trinity-rooms-dev-v2", "trinity-votes.dev"]);
});
