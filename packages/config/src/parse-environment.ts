import { failed, ok, type Result } from "@trinity/runtime/result";
import type { z } from "zod";

/** Every variable that is wrong, and why: one line each, without its value. */
export type ConfigProblems = readonly string[];

/** @returns the configuration, empty variables counting as absent */
export function parseEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): Result<z.infer<Schema>, ConfigProblems> {
  // An empty variable is one that was not set: compose files and shells leave them so.
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = schema.safeParse(set);
  if (parsed.success) return ok(parsed.data);
  return failed(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`));
}
