import { portVariables } from "@trinity/config/listener-config";
import { parseEnvironment } from "@trinity/config/parse-environment";
import { sharedVariables } from "@trinity/config/variables";
import { z } from "zod";

const cacheSizes = "must be a whole number from 0 to 4096";

const schema = z.object({
  ...sharedVariables,
  TRINITY_API_PORT: portVariables.TRINITY_API_PORT,
  TRINITY_ANSWER_CACHE_MIB: z.coerce.number(cacheSizes).int(cacheSizes).min(0, cacheSizes).max(4_096, cacheSizes).default(32),
});

/** @returns the configuration of this process, or every variable that is wrong and why */
export function parseConfig(env: Readonly<Record<string, string | undefined>>) {
  return parseEnvironment(schema, env);
}
