import type { Result } from "@trinity/runtime/result";

/**
 * Ends this process with a line for each problem.
 * @param code 2 when the same start would end the same way, 1 when a later one may not
 */
export function quit(problems: readonly string[], code = 2): never {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exit(code);
}

/** @returns the value; a failure ends this process */
export function orQuit<Value>(result: Result<Value, readonly string[]>): Value {
  return result.ok ? result.value : quit(result.error);
}
