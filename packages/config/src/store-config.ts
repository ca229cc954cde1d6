import type { Result } from "@trinity/runtime/result";
import { z } from "zod";
import { type ConfigProblems, parseEnvironment } from "./parse-environment.ts";

/** Where everything is kept. */
export const storeVariables = {
  TRINITY_STORE: z.enum(["sqlite", "dynamodb"]).default("sqlite"),
  TRINITY_DATA_DIR: z.string().min(1).default("./.data"),
  DYNAMODB_ENDPOINT: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).optional(),
  AWS_REGION: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region, such as eu-west-1")
    .default("eu-west-1"),
  TRINITY_SEGMENT_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be the name of a bucket: 3 to 63 of a-z, 0-9, - and .")
    .optional(),
  TRINITY_SEGMENT_ENDPOINT: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).optional(),
  TRINITY_TABLE_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,200}$/, "must be letters, digits, _, . and -, 200 at most")
    .default("trinity-analytics-"),
};

/** Plain data: threads are given it as it is. */
export type StoreConfig = z.infer<z.ZodObject<typeof storeVariables>>;

/** Of a configuration what says where everything is kept, without its secrets. */
export function storeConfigOf(config: StoreConfig): StoreConfig {
  return z.object(storeVariables).parse(config);
}

export function parseStoreConfig(env: Readonly<Record<string, string | undefined>>): Result<StoreConfig, ConfigProblems> {
  return parseEnvironment(z.object(storeVariables), env);
}
