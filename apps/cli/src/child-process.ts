import { type ChildProcess, spawn } from "node:child_process";

/** One of our processes, running. */
export type Child = {
  readonly name: string;
  /** What it said when it was ready, such as its URLs. */
  readonly ready: string;
  /** Resolves with the exit code once it has ended. */
  readonly ended: Promise<number>;
  /** Asks it to stop, and ends it if it does not in time. */
  stop(deadlineMs: number): Promise<void>;
};

/** The process ended before it was ready. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/**
 * Starts a script on this Node and waits until it says `ready`. Its other lines are passed on.
 * @throws {StartError}
 */
export async function startChild(name: string, script: URL, env: Readonly<Record<string, string | undefined>>): Promise<Child> {
  const child = spawn(process.execPath, [script.pathname], { env: { ...env }, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
  const ready = await Promise.race([
    readyLine(child),
    ended.then((code) => Promise.reject(new StartError(`${name} ended with ${code} before it was ready`))),
  ]);
  return {
    name,
    ready,
    ended,
    async stop(deadlineMs) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), deadlineMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

function readyLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith("ready ")) resolve(line.slice("ready ".length));
        else process.stdout.write(`${line}\n`);
      }
    });
  });
}
