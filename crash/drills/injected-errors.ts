import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { SkippedDrill } from "./drill.ts";

export type InjectedErrors = {
  /** How many calls have failed so far. */
  count(): number;
  /** Ends the injection. */
  end(): Promise<void>;
};

export type ErrorSettings = {
  /** The calls of the operating system that fail. */
  readonly calls: readonly string[];
  readonly errno: "EIO" | "EROFS" | "EDQUOT";
  /** Only the n-th such call of each thread from now on; all calls if absent. */
  readonly nth?: number;
  /** The output file of strace, outside of the damaged folder. */
  readonly traceFile: string;
};

/**
 * Makes system calls of a process fail, with strace.
 * @returns when calls fail
 * @throws {SkippedDrill} if strace is missing or may not watch the process
 */
export async function injectErrors(pid: number, { calls, errno, nth, traceFile }: ErrorSettings): Promise<InjectedErrors> {
  if (spawnSync("strace", ["-V"]).status !== 0) throw new SkippedDrill("strace is not installed (Debian: apt-get install strace)");
  const names = calls.join(",");
  const when = nth === undefined ? "" : `:when=${nth}`;
  const strace = spawn(
    "strace",
    ["-f", "-e", `trace=${names}`, "-e", `inject=${names}:error=${errno}${when}`, "-o", traceFile, "-p", `${pid}`],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = new Promise<void>((resolve) => strace.once("exit", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let text = "";
    strace.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (text.includes("attached")) resolve();
    });
    strace.once("exit", () => reject(new SkippedDrill(`strace may not watch a process here: ${text.trim()}`)));
  });
  return {
    count: () => readFileSync(traceFile, "utf8").split("(INJECTED)").length - 1,
    async end() {
      strace.kill("SIGTERM");
      await ended;
    },
  };
}
