import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The real ingest process on a separate data folder. */
export type IngestProcess = {
  readonly pid: number;
  readonly httpPort: number;
  readonly grpcPort: number;
  /** Its output so far, by line. */
  readonly output: readonly string[];
  readonly isAlive: () => boolean;
  /** Resident memory now, and its peak. */
  readonly memory: () => { readonly bytes: number; readonly bytesMax: number };
  /** SIGTERM. @returns the exit code, or the signal that ended it; null if it had to be killed after `withinMs` */
  readonly stop: (withinMs: number) => Promise<number | string | null>;
};

export type IngestProcessSettings = { readonly dataDir: string; readonly ingestKey: string; readonly adminKey: string };

const startWithinMs = 20_000;

/** @throws {Error} with the output of the process if it does not become ready */
export async function startIngest({ dataDir, ingestKey, adminKey }: IngestProcessSettings): Promise<IngestProcess> {
  const root = join(import.meta.dirname, "..");
  const child = spawn(process.execPath, [join(root, "apps/ingest/src/main.ts")], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      TRINITY_DATA_DIR: dataDir,
      TRINITY_INGEST_PORT: "0",
      TRINITY_INGEST_GRPC_PORT: "0",
      TRINITY_INGEST_KEY: ingestKey,
      TRINITY_ADMIN_KEY: adminKey,
    },
  });
  const output: string[] = [];
  const { httpPort, grpcPort } = await readyPorts(child, output);
  return {
    pid: child.pid as number,
    httpPort,
    grpcPort,
    output,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    memory: () => memoryOf(child.pid as number),
    stop: (withinMs) => stop(child, withinMs),
  };
}

async function readyPorts(child: ChildProcess, output: string[]): Promise<{ readonly httpPort: number; readonly grpcPort: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ ingest: string; grpc: string }>();
  const timer = setTimeout(() => reject(new Error(`ingest is not ready: ${output.join("\n")}`)), startWithinMs);
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      output.push(line);
      if (line.startsWith("ready ")) resolve(JSON.parse(line.slice("ready ".length)) as { ingest: string; grpc: string });
    });
  }
  child.once("exit", () => reject(new Error(`ingest ended: ${output.join("\n")}`)));
  const { ingest, grpc } = await promise;
  clearTimeout(timer);
  return { httpPort: Number(new URL(ingest).port), grpcPort: Number(grpc.split(":").at(-1)) };
}

function memoryOf(pid: number): { readonly bytes: number; readonly bytesMax: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? Number.NaN);
  return { bytes: kibibytes("VmRSS") * 1024, bytesMax: kibibytes("VmHWM") * 1024 };
}

async function stop(child: ChildProcess, withinMs: number): Promise<number | string | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode;
  const exited = once(child, "exit") as Promise<[number | null, string | null]>;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, withinMs);
  child.kill("SIGTERM");
  const [code, signal] = await exited;
  clearTimeout(timer);
  return late ? null : (code ?? signal);
}
