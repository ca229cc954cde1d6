import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { StoredEvent } from "@trinity/events/event";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { createHttpClient } from "@trinity/testing/http-client";
import { type ServerProcess, serverReady, spawnServer, stopServer } from "@trinity/testing/server-process";
import { apiServer, benchAdminKey } from "./api-server.ts";
import { dashboardTraffic } from "./dashboard-traffic.ts";
import { processUsage } from "./process-usage.ts";
import { quantilesOf } from "./quantiles.ts";
import { batchOf, livePaths, startReaders } from "./stream-load.ts";

export type FanOutSettings = { readonly streams: number; readonly messages: number; readonly everyMs: number };

/** `p99Ms`: from the commit of an event until a client has it. */
export type FanOut = { readonly cpuOfFloor: number; readonly p99Ms: number };

type Passed = { readonly cpuSeconds: number; readonly p99Ms: number };

/** After its start the API warms up. */
const warmUpMs = 20_000;

/** About what an event is in a stream. */
const floorMessage = Buffer.alloc(300, "x");

/** Passes one event after the other to clients that all read: through a bare loop first, then through the API. */
export async function measureFanOut(settings: FanOutSettings): Promise<FanOut> {
  const floor = await overFloor(settings);
  const api = await overApi(settings);
  return { cpuOfFloor: api.cpuSeconds / floor.cpuSeconds, p99Ms: api.p99Ms };
}

async function overFloor(settings: FanOutSettings): Promise<Passed> {
  const server = await serverReady(spawnServer({ script: new URL("./stream-floor.ts", import.meta.url), env: process.env, cpu: 0 }));
  const client = createHttpClient(server.ready["api"] as string, 1, "");
  try {
    return await pass(server, "/", settings, async () => void (await client.post("/", floorMessage)));
  } finally {
    client.close();
    await stopServer(server);
  }
}

async function overApi(settings: FanOutSettings): Promise<Passed> {
  const dataDir = mkdtempSync(join(tmpdir(), "trinity-bench-fan-out-"));
  const store = openSqliteStore({ dataDir, mode: "readwrite" });
  try {
    const events = Array.from(dashboardTraffic({ seed: 1, events: settings.messages + 1, users: 1_000 })).slice(-settings.messages - 1);
    await store.append(batchOf(events.slice(0, 1)));
    await store.readRollups([]);
    const api = await serverReady(spawnServer({ ...apiServer(dataDir, process.env), cpu: 0 }));
    try {
      return await pass(api, livePaths.rest, settings, async (i) => void (await store.append(batchOf([events[i + 1] as StoredEvent]))));
    } finally {
      await stopServer(api);
    }
  } finally {
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** @param send passes the event with that index */
async function pass(
  server: ServerProcess,
  path: string,
  { streams, messages, everyMs }: FanOutSettings,
  send: (index: number) => Promise<void>,
): Promise<Passed> {
  const url = server.ready["api"] as string;
  const secondsMax = 30 + (2 * messages * everyMs) / 1_000;
  const readers = startReaders({ url, path, key: benchAdminKey, streams, silent: 0, events: messages, isTimed: true, secondsMax });
  await readers.said("ready {}");
  await sleep(warmUpMs);
  const before = processUsage(server.pid).cpuSeconds;
  const sentAtMs: number[] = [];
  const startMs = performance.now();
  for (let i = 0; i < messages; i++) {
    await sleep(Math.max(0, startMs + i * everyMs - performance.now()));
    await send(i);
    sentAtMs.push(Date.now());
  }
  await readers.said("read {}");
  const { arrivedAtMs, wrong } = await readers.result();
  if (wrong > 0) throw new Error(`${wrong} of ${streams} streams did not get each event once`);
  const delaysMs = arrivedAtMs.flatMap((times, i) => times.map((atMs) => atMs - (sentAtMs[i] as number)));
  return { cpuSeconds: processUsage(server.pid).cpuSeconds - before, p99Ms: quantilesOf(delaysMs).p99 };
}
