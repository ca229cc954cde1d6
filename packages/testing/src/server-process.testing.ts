import { type ChildProcess, spawn, spawnSync } from "node:child_process";

export type ServerSettings = {
  readonly script: URL;
  readonly scriptArgs?: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Which CPU it may run on; absent for any. */
  readonly cpu?: number | null;
  /** Where its errors go: to those of this process, unless the child's are read. */
  readonly stderr?: "inherit" | "pipe";
};

/** A process that we started, and that was ready. */
export type ServerProcess = {
  readonly pid: number;
  /** What it said when it was ready. */
  readonly ready: Readonly<Record<string, string>>;
  /** Resolves once it has ended, with its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
};

const running = new Set<ChildProcess>();

// One listener for all of them: a run of drills starts dozens.
function endWithThisProcess(child: ChildProcess): void {
  if (running.size === 0) process.once("exit", killAll);
  running.add(child);
  child.once("exit", () => {
    running.delete(child);
    if (running.size === 0) process.off("exit", killAll);
  });
}

function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** Starts a script on this Node, without waiting for it. It ends with this process, however a run is cut off. */
export function spawnServer({ script, scriptArgs = [], nodeArgs = [], env, cpu = null, stderr = "inherit" }: ServerSettings): ChildProcess {
  const command = [process.execPath, ...nodeArgs, script.pathname, ...scriptArgs];
  // taskset becomes the program that it starts, so the process id stays the one that we know.
  const [file, ...args] = cpu !== null && canPin() ? ["taskset", "-c", `${cpu}`, ...command] : command;
  const child = spawn(file as string, args, { env: { ...env }, stdio: ["ignore", "pipe", stderr] });
  endWithThisProcess(child);
  return child;
}

/**
 * Waits until a server says `ready {…}`.
 * @throws {Error} when it ends before, or is not ready in time; then it is killed
 */
export async function serverReady(child: ChildProcess, withinMs = 60_000): Promise<ServerProcess> {
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const timer = setTimeout(() => child.kill("SIGKILL"), withinMs);
  const early = ended.then((code) => Promise.reject(new Error(`a server ended (${code}) before it was ready`)));
  early.catch(() => undefined);
  try {
    const ready = await Promise.race([readyLine(child), early]);
    return { pid: child.pid as number, ready: JSON.parse(ready), ended, kill: (signal) => void child.kill(signal) };
  } finally {
    clearTimeout(timer);
  }
}

/** Asks a server to stop, and ends it if it does not in time. @returns its exit code, null when it had to be killed */
export async function stopServer(server: ServerProcess, withinMs = 20_000): Promise<number | null> {
  server.kill("SIGTERM");
  const timer = setTimeout(() => server.kill("SIGKILL"), withinMs);
  const code = await server.ended;
  clearTimeout(timer);
  return code;
}

function readyLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) if (line.startsWith("ready ")) resolve(line.slice("ready ".length));
    });
  });
}

let pinning: boolean | null = null;
export function canPin(): boolean {
  pinning ??= spawnSync("taskset", ["-c", "1", "true"]).status === 0;
  return pinning;
}
