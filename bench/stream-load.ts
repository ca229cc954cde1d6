import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { StoredEvent } from "@trinity/events/event";
import type { EventStore } from "@trinity/storage/event-store";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { createHttpClient } from "@trinity/testing/http-client";
import { serverReady, spawnServer, stopServer } from "@trinity/testing/server-process";
import { apiServer, benchAdminKey } from "./api-server.ts";
import { dashboardTraffic } from "./dashboard-traffic.ts";
import { processUsage } from "./process-usage.ts";
import { type Quantiles, quantilesOf } from "./quantiles.ts";
import type { ReaderResult, ReaderSettings } from "./stream-readers.ts";

export type StreamLoadSettings = {
  readonly seed: number;
  /** A third of them does not read while the events pass. */
  readonly streams: number;
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly surface: "rest" | "trpc";
  readonly secondsMax: number;
};

export type StreamLoad = StreamLoadSettings &
  Omit<ReaderResult, "arrivedAtMs"> & {
    readonly silent: number;
    /** Resident memory of the API: with all streams open, at its peak, and after all streams have left. */
    readonly openMiB: number;
    readonly peakMiB: number;
    readonly afterMiB: number;
    readonly cpuSeconds: number;
    /** Of `/healthz` until every stream that reads has all events. */
    readonly healthMs: Quantiles;
    readonly healthMsMax: number;
  };

export const livePaths = { rest: "/api/v1/live/events", trpc: "/trpc/live.events" } as const;
const batchesPerSecond = 10;

/** Passes events by one API process with many live streams. */
export async function measureStreams(settings: StreamLoadSettings): Promise<StreamLoad> {
  const { streams, events, surface, secondsMax } = settings;
  const dataDir = mkdtempSync(join(tmpdir(), "trinity-bench-streams-"));
  const store = openSqliteStore({ dataDir, mode: "readwrite" });
  const traffic = dashboardTraffic({ seed: settings.seed, events, users: 1_000 });
  const passing = Array.from(traffic).slice(-events);
  await store.append(batchOf(passing.slice(0, 1)));
  await store.readRollups([]);
  const api = await serverReady(spawnServer(apiServer(dataDir, process.env)));
  const url = api.ready["api"] as string;
  try {
    const silent = Math.floor(streams / 3);
    const readers = startReaders({
      url,
      path: livePaths[surface],
      key: benchAdminKey,
      streams,
      silent,
      events: passing.length - 1,
      secondsMax,
    });
    await readers.said("ready {}");
    const openMiB = residentMiB(api.pid);
    const health = watchHealth(url);
    await append(store, passing.slice(1), settings.eventsPerSecond);
    await readers.said("read {}");
    const healthTimes = await health.stop();
    const { arrivedAtMs: _, ...result } = await readers.result();
    await sleep(2_000);
    const { cpuSeconds, peakMiB } = processUsage(api.pid);
    return {
      ...settings,
      ...result,
      silent,
      openMiB,
      peakMiB,
      afterMiB: residentMiB(api.pid),
      cpuSeconds,
      healthMs: quantilesOf(healthTimes),
      healthMsMax: Math.max(...healthTimes),
    };
  } finally {
    await stopServer(api);
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

export function batchOf(events: readonly StoredEvent[]) {
  const keyed = events.map((event) => ({ key: Buffer.from(event.eventId.replaceAll("-", ""), "hex"), event }));
  return { receivedAtMs: events[0]?.timestampMs ?? 0, events: keyed, rejections: [] };
}

async function append(store: EventStore, events: readonly StoredEvent[], eventsPerSecond: number): Promise<void> {
  const size = Math.ceil(eventsPerSecond / batchesPerSecond);
  const startMs = performance.now();
  for (let at = 0; at < events.length; at += size) {
    await store.append(batchOf(events.slice(at, at + size)));
    await sleep(Math.max(0, startMs + ((at / size + 1) * 1_000) / batchesPerSecond - performance.now()));
  }
}

export function startReaders(settings: ReaderSettings) {
  const script = new URL("./stream-readers.ts", import.meta.url).pathname;
  const child: ChildProcess = spawn(process.execPath, [script, JSON.stringify(settings)], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const nextLine = async () => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the readers ended early");
    return value;
  };
  return {
    said: async (line: string) => {
      while ((await nextLine()) !== line);
    },
    result: async () => {
      const result = JSON.parse(await nextLine()) as ReaderResult;
      await ended;
      return result;
    },
  };
}

/** Asks for the health page again and again, a moment after each answer. */
function watchHealth(url: string) {
  const client = createHttpClient(url, 1, benchAdminKey);
  const times: number[] = [];
  let isWatching = true;
  const watching = (async () => {
    while (isWatching) {
      const startMs = performance.now();
      await client.get("/healthz");
      times.push(performance.now() - startMs);
      await sleep(10);
    }
  })();
  return {
    stop: async () => {
      isWatching = false;
      await watching;
      client.close();
      return times;
    },
  };
}

function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024;
}

/** @returns what was measured as a Markdown table */
export function streamTable(load: StreamLoad): string {
  const rows: readonly (readonly [string, string])[] = [
    ["streams, of which silent", `${load.streams}, ${load.silent} (${load.surface})`],
    ["events passed, a second", `${load.events}, ${load.eventsPerSecond}`],
    ["all readers had all events after", seconds(load.readSeconds)],
    ["those that were silent, once they read again, after", seconds(load.caughtUpSeconds)],
    ["streams with fewer or more events; that the server ended", `${load.wrong}; ${load.ended}`],
    ["memory: streams open, peak, after", [load.openMiB, load.peakMiB, load.afterMiB].map((mib) => `${mib.toFixed(0)} MiB`).join(", ")],
    ["CPU of the API", `${load.cpuSeconds.toFixed(1)} s`],
    ["/healthz: p50, p99, longest", [load.healthMs.p50, load.healthMs.p99, load.healthMsMax].map((ms) => `${ms.toFixed(1)} ms`).join(", ")],
  ];
  return ["| | |", "| --- | --- |", ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join("\n");
}

function seconds(value: number | null): string {
  return value === null ? "never: the time was over" : `${value.toFixed(1)} s`;
}
