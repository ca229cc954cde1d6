import type { Result } from "@trinity/runtime/result";
import { z } from "zod";
import { type ConfigProblems, parseEnvironment } from "./parse-environment.ts";
import { port, sharedVariables } from "./variables.ts";

/** Where the processes that `npm start` runs listen. */
export const portVariables = {
  TRINITY_INGEST_PORT: port.default(4318),
  TRINITY_INGEST_GRPC_PORT: port.default(4317),
  TRINITY_API_PORT: port.default(4000),
  TRINITY_WORKER_PORT: port.default(4001),
};

const schema = z.object({ TRINITY_HOST: sharedVariables.TRINITY_HOST, ...portVariables }).superRefine((config, context) => {
  const takenBy = new Map<number, string>();
  for (const variable of Object.keys(portVariables) as (keyof typeof portVariables)[]) {
    const number = config[variable];
    const other = takenBy.get(number);
    if (number === 0) continue; // each gets another free one
    if (other === undefined) takenBy.set(number, variable);
    else context.addIssue({ code: "custom", path: [variable], message: `is ${number}, as ${other} is: set another port for one of them` });
  }
});

export type ListenerConfig = z.infer<typeof schema>;

export function parseListenerConfig(env: Readonly<Record<string, string | undefined>>): Result<ListenerConfig, ConfigProblems> {
  return parseEnvironment(schema, env);
}
