import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { totalOf, untilFolded } from "@trinity/testing/folded-store";
import { createHttpClient } from "@trinity/testing/http-client";
import { ingestKey, ingestServer } from "@trinity/testing/ingest-server";
import { type ServerProcess, type ServerSettings, serverReady, spawnServer, stopServer } from "@trinity/testing/server-process";
import type { LoadResult, LoadSettings } from "./load.ts";
import { runLoadProcess } from "./load-process.ts";
import { processUsage } from "./process-usage.ts";
import type { RequestFormat } from "./requests.ts";

/** The two compared servers: `floor` is the minimum of durable ingest, `ingest` is the product. */
export type Contender = "floor" | "ingest";
export type TrialSettings = Omit<LoadSettings, "url" | "key" | "serverPid"> & {
  /** The folder for the server's CPU profiles; `null` for none. */
  readonly profileDir: string | null;
};

/** The result of one run of one server. It counts only with `lost` 0 and `failed` 0. */
export type Trial = {
  readonly eventsPerSecond: number;
  /** All threads, folding included. */
  readonly cpuSecondsPerMillion: number;
  readonly latencyMsP50: number;
  readonly latencyMsP99: number;
  readonly progress: LoadResult["progress"];
  readonly peakMiB: number;
  /** All files once everything is folded, and after the server has stopped. */
  readonly bytesPerEvent: number;
  readonly bytesPerEventAtRest: number;
  /** From the last acknowledgement until everything was counted. */
  readonly foldedAfterMs: number;
  /** Distinct events. */
  readonly acknowledged: number;
  /** Acknowledged events that are missing. */
  readonly lost: number;
  readonly failed: number;
  readonly firstFailure: string | null;
};

const serverCpu = 0;

/** Starts a server on a folder of its own, loads it, waits until it has counted everything, and checks that nothing is missing. */
export async function runTrial(contender: Contender, settings: TrialSettings): Promise<Trial> {
  const dataDir = mkdtempSync(join(tmpdir(), `trinity-bench-${contender}-`));
  try {
    const server = await startContender(contender, dataDir, settings.profileDir);
    const { profileDir: _, ...loadSettings } = settings;
    const load = await runLoad(server, loadSettings).catch((error) => {
      server.kill("SIGKILL");
      throw error;
    });
    const foldedAfterMs = contender === "ingest" ? await foldedAfter(dataDir, load.lastAckAtMs) : 0;
    const usage = processUsage(server.pid);
    const bytes = folderBytes(dataDir);
    const distinct = load.acknowledgedInAll / settings.requests.sends;
    const lost =
      contender === "ingest"
        ? await lostByIngest(server, dataDir, distinct, load.sampleIds, settings.requests.format)
        : await lostByFloor(server, distinct);
    await stopServer(server);
    return {
      eventsPerSecond: load.acknowledged / load.seconds,
      cpuSecondsPerMillion: ((usage.cpuSeconds - load.serverCpuSecondsBefore) / load.acknowledged) * 1e6,
      latencyMsP50: load.latencyMsP50,
      latencyMsP99: load.latencyMsP99,
      progress: load.progress,
      peakMiB: usage.peakMiB,
      bytesPerEvent: bytes / distinct,
      bytesPerEventAtRest: folderBytes(dataDir) / distinct,
      foldedAfterMs,
      acknowledged: distinct,
      lost,
      failed: load.failed,
      firstFailure: load.firstFailure,
    };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

export function startContender(contender: Contender, dataDir: string, profileDir: string | null): Promise<ServerProcess> {
  const profiling = profileDir === null || contender === "floor" ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`];
  const floor: ServerSettings = {
    script: new URL("./floor-server.ts", import.meta.url),
    scriptArgs: [join(dataDir, "floor.db")],
    env: process.env,
  };
  const server = contender === "floor" ? floor : ingestServer(dataDir, process.env);
  return serverReady(spawnServer({ ...server, cpu: serverCpu, nodeArgs: [...(server.nodeArgs ?? []), ...profiling] }));
}

/** Loads a server from a process on another CPU. */
export async function runLoad(server: ServerProcess, load: Omit<TrialSettings, "profileDir">): Promise<LoadResult> {
  const settings: LoadSettings = { ...load, url: server.ready["ingest"] as string, key: ingestKey, serverPid: server.pid };
  return runLoadProcess(new URL("./load.ts", import.meta.url), settings, ["--max-old-space-size=4096"]);
}

async function foldedAfter(dataDir: string, lastAckAtMs: number): Promise<number> {
  const store = openSqliteStore({ dataDir, mode: "readonly" });
  try {
    await untilFolded(store);
    return Math.max(0, Date.now() - lastAckAtMs);
  } finally {
    await store.close();
  }
}

async function lostByFloor(server: ServerProcess, acknowledged: number): Promise<number> {
  const client = createHttpClient(server.ready["ingest"] as string, 1, ingestKey);
  const { text } = await client.get("/");
  client.close();
  return acknowledged - (JSON.parse(text) as { events: number }).events;
}

/** The acknowledged events that the metric `events` misses, or the spans that `requests` misses, and the sampled ids that the server does not have. */
async function lostByIngest(
  server: ServerProcess,
  dataDir: string,
  acknowledged: number,
  sampleIds: readonly string[],
  format: RequestFormat,
): Promise<number> {
  const counted = await totalIn(dataDir, format.startsWith("otlp") ? "requests" : "events");
  const client = createHttpClient(server.ready["ingest"] as string, 4, ingestKey);
  const states = await Promise.all(
    sampleIds.map(async (id) => JSON.parse((await client.get(`/v1/events/${id}/status`)).text) as { state: string }),
  );
  client.close();
  return Math.abs(acknowledged - counted) + states.filter(({ state }) => state !== "stored").length;
}

async function totalIn(dataDir: string, metric: string): Promise<number> {
  const store = openSqliteStore({ dataDir, mode: "readonly" });
  try {
    return (await totalOf(store, metric)) ?? 0;
  } finally {
    await store.close();
  }
}

function folderBytes(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
