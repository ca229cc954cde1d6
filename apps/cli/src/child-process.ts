import { spawn } from "node:child_process";
import { untilInputEnds } from "@trinity/lifecycle/stop-requests";

/** How a process ended: with a code, or by a signal. */
export type ExitWay = { readonly code: number | null; readonly signal: string | null };

/** One of our processes. */
export type Child = {
  /** Resolves with its `ready` line, such as its URLs; with `null` if it ended before. */
  readonly ready: Promise<string | null>;
  readonly ended: Promise<ExitWay>;
  /** Asks it to stop, and kills it if it does not stop in time. */
  stop(deadlineMs: number): Promise<void>;
};

/**
 * Starts a script on this Node. Passes its lines on, except `ready …`. Its standard input is a pipe that the operating system closes
 * when this process dies in any way; then the child ends too.
 */
export function startChild(script: URL, nodeArgs: readonly string[], env: Readonly<Record<string, string | undefined>>): Child {
  const child = spawn(process.execPath, [...nodeArgs, script.pathname, untilInputEnds], {
    env: { ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  // We never write to it: a broken pipe only shows that the process ended.
  child.stdin.on("error", () => {});
  const ended = new Promise<ExitWay>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", () => resolve({ code: 1, signal: null })); // the machine could start no process
  });
  const readyLine = new Promise<string>((resolve) => readLines(child.stdout, resolve));
  return {
    ready: Promise.race([readyLine, ended.then(() => null)]),
    ended,
    async stop(deadlineMs) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), deadlineMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

function readLines(output: NodeJS.ReadableStream, onReady: (line: string) => void): void {
  let text = "";
  output.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("ready ")) onReady(line.slice("ready ".length));
      else process.stdout.write(`${line}\n`);
    }
  });
}
