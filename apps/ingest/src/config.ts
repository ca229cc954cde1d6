import { parseEnvironment } from "@trinity/config/parse-environment";
import { age, port, pseudonymKey, sharedVariables } from "@trinity/config/variables";
import { z } from "zod";

const schema = z.object({
  ...sharedVariables,
  TRINITY_INGEST_PORT: port.default(4318),
  TRINITY_INGEST_GRPC_PORT: port.default(4317),
  TRINITY_MAX_EVENT_AGE: age.default(7 * 86_400_000),
  TRINITY_PSEUDONYM_KEY: pseudonymKey.optional(),
});

/** @returns the configuration of this process, or every variable that is wrong and why */
export function parseConfig(env: Readonly<Record<string, string | undefined>>) {
  return parseEnvironment(schema, env);
}
