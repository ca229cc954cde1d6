import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createHttpClient, type HttpClient } from "@trinity/testing/http-client";
import { serverReady, spawnServer, stopServer } from "@trinity/testing/server-process";
import { apiServer, benchAdminKey } from "./api-server.ts";
import type { Acknowledged } from "./load.ts";
import { quantilesOf } from "./quantiles.ts";
import { runLoad, startContender } from "./trial.ts";

export type FreshnessSettings = {
  readonly seed: number;
  readonly events: number;
  readonly eventsPerSecond: number | null;
  readonly batchEvents: number;
  /** Each asks for its overview every five seconds. */
  readonly dashboards: number;
  /** `time`: events of now. `random`: of seven months, in random order. */
  readonly order: "time" | "random";
};

const dayMs = 86_400_000;
const watchEveryMs = 20;
const askEveryMs = 5_000;
const visibleWithinMs = 180_000;

/** @returns p99 of the milliseconds from an acknowledgement until the number that the API shows has its events */
export async function measureFreshness(settings: FreshnessSettings): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), "trinity-bench-freshness-"));
  const ingest = await startContender("ingest", dataDir, null);
  const api = await serverReady(spawnServer(apiServer(dataDir, process.env)));
  const client = createHttpClient(api.ready["api"] as string, settings.dashboards + 1, benchAdminKey);
  try {
    const nowMs = Date.now();
    const spanMs = settings.order === "time" ? 1_000 : 210 * dayMs;
    const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
    const range = `from=${day(nowMs - spanMs)}&to=${day(nowMs + 2 * dayMs)}`;
    const watching = new AbortController();
    const shown: Acknowledged[] = [];
    const watch = watchTotal(client, `/api/v1/metrics/events?${range}&granularity=total`, shown, watching.signal);
    const overview = `/api/v1/dashboard/overview?from=${day(nowMs)}&to=${day(nowMs + dayMs)}`;
    const dashboards = Array.from({ length: settings.dashboards }, (_, i) =>
      askAgain(client, overview, i, settings.dashboards, watching.signal),
    );
    const { seed, events, batchEvents, order } = settings;
    const traffic = { seed, events, burst: 20, startMs: nowMs - spanMs, spanMs, order };
    const load = await runLoad(ingest, {
      requests: { traffic, format: "json", batchEvents, sends: 1 },
      warmUpEvents: 0,
      connections: 8,
      eventsPerSecond: settings.eventsPerSecond,
      secondsMax: 600,
    });
    if (load.failed > 0) throw new Error(`${load.failed} requests failed: ${load.firstFailure}`);
    await untilShown(shown, load.acknowledgedInAll);
    watching.abort();
    await Promise.all([watch, ...dashboards]);
    if (shown.at(-1)?.events !== load.acknowledgedInAll)
      throw new Error(`${load.acknowledgedInAll} events, shown: ${shown.at(-1)?.events}`);
    return quantilesOf(delays(load.progress, shown)).p99;
  } finally {
    client.close();
    await Promise.all([stopServer(api), stopServer(ingest)]);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Notes the shown total each time that it is asked for. */
async function watchTotal(client: HttpClient, path: string, shown: Acknowledged[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { status, text } = await client.get(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    const { totals } = JSON.parse(text) as { totals: readonly { readonly value: number | null }[] };
    shown.push({ atMs: Date.now(), events: totals[0]?.value ?? 0 });
    await sleep(watchEveryMs);
  }
}

async function askAgain(client: HttpClient, path: string, index: number, of: number, signal: AbortSignal): Promise<void> {
  // They did not all open at once.
  await sleep((index / of) * askEveryMs);
  while (!signal.aborted) {
    const { status, text } = await client.get(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    await sleep(askEveryMs, undefined, { signal }).catch(() => {});
  }
}

async function untilShown(shown: readonly Acknowledged[], events: number): Promise<void> {
  for (const deadlineMs = Date.now() + visibleWithinMs; Date.now() < deadlineMs; await sleep(watchEveryMs)) {
    if ((shown.at(-1)?.events ?? 0) >= events) return;
  }
  throw new Error(`not all of ${events} events were shown within ${visibleWithinMs / 1_000} s`);
}

/** @returns for each acknowledgement, the milliseconds until a total that has at least so many events was shown; 0 when it was shown before */
export function delays(acknowledged: readonly Acknowledged[], shown: readonly Acknowledged[]): readonly number[] {
  let next = 0;
  return acknowledged.flatMap(({ atMs, events }) => {
    while (next < shown.length && (shown[next] as Acknowledged).events < events) next += 1;
    const seen = shown[next];
    return seen === undefined ? [] : [Math.max(0, seen.atMs - atMs)];
  });
}
