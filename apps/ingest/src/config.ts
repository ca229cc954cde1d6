import { portVariables } from "@trinity/config/listener-config";
import { parseEnvironment } from "@trinity/config/parse-environment";
import { age, pseudonymKey, sharedVariables } from "@trinity/config/variables";
import { z } from "zod";

const schema = z.object({
  ...sharedVariables,
  TRINITY_DEMO_KEY: z.string().optional(),
  TRINITY_INGEST_PORT: portVariables.TRINITY_INGEST_PORT,
  TRINITY_INGEST_GRPC_PORT: portVariables.TRINITY_INGEST_GRPC_PORT,
  TRINITY_MAX_EVENT_AGE: age.default(7 * 86_400_000),
  TRINITY_PSEUDONYM_KEY: pseudonymKey.optional(),
});

/** @returns the configuration of this process, or every variable that is wrong and why */
export function parseConfig(env: Readonly<Record<string, string | undefined>>) {
  return parseEnvironment(schema, env);
}
