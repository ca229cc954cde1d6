import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { spawnServer } from "@trinity/testing/server-process";

/** @returns seconds from starting the whole product on an empty folder, demo included, until it says `ready` */
export async function measureStart(): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), "trinity-bench-start-"));
  const ports = ["INGEST", "INGEST_GRPC", "API", "WORKER"].map((name) => [`TRINITY_${name}_PORT`, "0"]);
  const env = {
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    TRINITY_DATA_DIR: dataDir,
    TRINITY_DEMO: "true",
    ...Object.fromEntries(ports),
  };
  const startMs = performance.now();
  const child = spawnServer({ script: new URL("../apps/cli/src/main.ts", import.meta.url), scriptArgs: ["start"], env });
  const ended = once(child, "exit");
  try {
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      if (line.startsWith("ready ")) return (performance.now() - startMs) / 1_000;
    }
    throw new Error("it ended before it was ready");
  } finally {
    child.kill("SIGTERM");
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  }
}
