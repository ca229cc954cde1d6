import { portVariables } from "@trinity/config/listener-config";
import { parseEnvironment } from "@trinity/config/parse-environment";
import { interval, pseudonymKey, sharedVariables } from "@trinity/config/variables";
import { z } from "zod";

const schema = z.object({
  ...sharedVariables,
  TRINITY_WORKER_PORT: portVariables.TRINITY_WORKER_PORT,
  TRINITY_VERIFY_INTERVAL: interval.default(900_000),
  TRINITY_LOG_CHECK_INTERVAL: interval.default(86_400_000),
  TRINITY_PSEUDONYM_KEY: pseudonymKey.optional(),
});

/** @returns the configuration of this process, or every wrong variable and why */
export function parseConfig(env: Readonly<Record<string, string | undefined>>) {
  return parseEnvironment(schema, env);
}
