import { portVariables } from "@trinity/config/listener-config";
import { parseEnvironment } from "@trinity/config/parse-environment";
import { sharedVariables } from "@trinity/config/variables";
import { z } from "zod";

const schema = z.object({ ...sharedVariables, TRINITY_API_PORT: portVariables.TRINITY_API_PORT });

/** @returns the configuration of this process, or every variable that is wrong and why */
export function parseConfig(env: Readonly<Record<string, string | undefined>>) {
  return parseEnvironment(schema, env);
}
