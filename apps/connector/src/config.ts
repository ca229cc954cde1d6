import { parseEnvironment } from "@trinity/config/parse-environment";
import { storeVariables } from "@trinity/config/store-config";
import { interval, port, sharedVariables } from "@trinity/config/variables";
import { z } from "zod";
import { isTablePattern } from "./table-pattern.ts";

const patterns = z
  .string()
  .transform((text) => text.split(",").map((pattern) => pattern.trim()))
  .refine((list) => list.every(isTablePattern), "must be names of tables separated by commas, * for any characters");

const ingestUrl = z.url({ protocol: /^https?$/, error: "must be set: the http or https URL of ingest" });

/** The variables of both the process and the Lambda. */
const sourceVariables = {
  TRINITY_INGEST_KEY: z.string("must be set: a key with the role service").min(1),
  TRINITY_SOURCE_TABLES: patterns.default(["trinity-*"]),
  TRINITY_SOURCE_ENDPOINT: z.url("must be a URL").optional(),
  TRINITY_SOURCE_TEST_ROWS: z.enum(["drop", "keep"]).default("drop"),
  AWS_REGION: storeVariables.AWS_REGION,
};

const processSchema = z.object({
  ...sharedVariables,
  ...sourceVariables,
  TRINITY_INGEST_URL: ingestUrl.default("http://127.0.0.1:4318"),
  TRINITY_CONNECTOR_PORT: port.default(4002),
  TRINITY_CONNECTOR_SHARDS_MAX: z.coerce.number("must be a number").int().min(1).max(10_000).default(1_000),
  TRINITY_SOURCE_POLL_TABLES: patterns.optional(),
  TRINITY_SOURCE_POLL_INTERVAL: interval.default(300_000),
  TRINITY_SOURCE_SCAN_RATE: z.coerce.number("must be a number of read units a second").positive().default(5),
});

// A Lambda has no ingest process beside it.
const lambdaSchema = z.object({ ...sourceVariables, TRINITY_INGEST_URL: ingestUrl });

type Environment = Readonly<Record<string, string | undefined>>;

/** @returns the configuration of the process, or every wrong variable with the reason */
export function parseConfig(env: Environment) {
  return parseEnvironment(processSchema, env);
}

/** @returns the configuration of the Lambda, or every wrong variable with the reason */
export function parseLambdaConfig(env: Environment) {
  return parseEnvironment(lambdaSchema, env);
}
