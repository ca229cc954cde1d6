import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApiKey } from "@trinity/auth/api-key";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { openSqliteKeyStore } from "@trinity/storage-sqlite/sqlite-key-store";
import { totalOf, untilFolded } from "@trinity/testing/folded-store";
import { ingestServer } from "@trinity/testing/ingest-server";
import { serverReady, spawnServer, stopServer } from "@trinity/testing/server-process";
import { runLoadProcess } from "./load-process.ts";
import type { OverloadLoad, OverloadResult } from "./overload-load.ts";
import { processUsage } from "./process-usage.ts";
import { quantilesOf } from "./quantiles.ts";

export type OverloadSettings = {
  readonly seed: number;
  readonly seconds: number;
  /** Events in a request of a noisy sender. */
  readonly batchEvents: number;
  /** What the noisy senders offer; null for five times what is accepted of a closed loop before. */
  readonly eventsPerSecond: number | null;
};

export type Overload = {
  readonly acceptedPerSecondBefore: number;
  readonly offeredPerSecond: number;
  readonly acceptedPerSecond: number;
  readonly noisy: OverloadResult;
  readonly ordinary: OverloadResult;
  readonly slow: OverloadResult;
  readonly health: OverloadResult;
  readonly peakMiB: number;
  /** From the last answer until everything was counted. */
  readonly foldedAfterMs: number;
  /** Acknowledged events that the metric `events` misses. */
  readonly lost: number;
};

const serverCpu = 0;
const noisyKeys = 4;
const slowKeys = 8;
const overloadFactor = 5;

/** Offers an ingest process five times what it takes, beside an ordinary sender, slow senders and the health page. */
export async function measureOverload({ seed, seconds, batchEvents, eventsPerSecond }: OverloadSettings): Promise<Overload> {
  const dataDir = mkdtempSync(join(tmpdir(), "trinity-bench-overload-"));
  try {
    const keys = await putKeys(dataDir, noisyKeys + 1 + slowKeys);
    const server = await serverReady(spawnServer({ ...ingestServer(dataDir, process.env), cpu: serverCpu }));
    try {
      const url = server.ready["ingest"] as string;
      const spanMs = 60_000;
      const traffic = (number: number, events: number) => ({
        seed: seed * 10 + number,
        events,
        burst: 20,
        startMs: Date.now() - spanMs,
        spanMs,
      });
      const noisySenders = { url, keys: keys.slice(0, noisyKeys), traffic: traffic(0, 1_000 * batchEvents), batchEvents };
      const closed = await send({ kind: "closed", connections: 8, ...noisySenders, traffic: traffic(1, 1_000 * batchEvents), seconds: 5 });
      const acceptedPerSecondBefore = closed.acknowledged / closed.seconds;
      const offeredPerSecond = eventsPerSecond ?? Math.round(overloadFactor * acceptedPerSecondBefore);
      const small = { url, batchEvents: 10, seconds };
      const [noisy, ordinary, slow, health] = await Promise.all([
        send({ kind: "open", eventsPerSecond: offeredPerSecond, openMax: 1_000, ...noisySenders, seconds }),
        send({
          kind: "open",
          eventsPerSecond: 200,
          openMax: 1_000,
          ...small,
          keys: keys.slice(noisyKeys, noisyKeys + 1),
          traffic: traffic(2, 1_000),
        }),
        send({ kind: "slow", bodySeconds: 5, ...small, keys: keys.slice(-slowKeys), traffic: traffic(3, 1_000) }),
        send({ kind: "health", perSecond: 10, ...small, keys: keys.slice(noisyKeys, noisyKeys + 1), traffic: traffic(4, 1) }),
      ]);
      const { counted, foldedAfterMs } = await countedIn(dataDir);
      const acknowledged = [closed, noisy, ordinary, slow].reduce((sum, result) => sum + result.acknowledged, 0);
      const unanswered = [closed, noisy, ordinary, slow].reduce((sum, result) => sum + result.unanswered, 0);
      return {
        acceptedPerSecondBefore,
        offeredPerSecond,
        acceptedPerSecond: noisy.acknowledged / noisy.seconds,
        noisy,
        ordinary,
        slow,
        health,
        peakMiB: processUsage(server.pid).peakMiB,
        foldedAfterMs,
        // Events without an answer may be counted, and nothing else.
        lost: counted < acknowledged ? acknowledged - counted : Math.max(0, counted - acknowledged - unanswered),
      };
    } finally {
      await stopServer(server);
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** @returns keys that may send, each of a sender of its own */
async function putKeys(dataDir: string, count: number): Promise<readonly string[]> {
  const store = openSqliteKeyStore({ dataDir });
  const made = Array.from({ length: count }, (_, i) =>
    createApiKey({ role: "service", name: `sender ${i}`, createdAtMs: Date.now(), expiresAtMs: null }, randomBytes),
  );
  for (const { record } of made) await store.put(record);
  await store.close();
  return made.map(({ presented }) => presented);
}

function send(load: OverloadLoad): Promise<OverloadResult> {
  return runLoadProcess(new URL("./overload-load.ts", import.meta.url), load);
}

async function countedIn(dataDir: string): Promise<{ readonly counted: number; readonly foldedAfterMs: number }> {
  const startMs = Date.now();
  const store = openSqliteStore({ dataDir, mode: "readonly" });
  try {
    await untilFolded(store);
    return { foldedAfterMs: Date.now() - startMs, counted: (await totalOf(store, "events")) ?? 0 };
  } finally {
    await store.close();
  }
}

/** @returns the run as a Markdown table, with a line below it */
export function overloadTable(run: Overload): string {
  const rows = (["noisy", "ordinary", "slow", "health"] as const).map((name) => {
    const { statuses, retryAfters, latenciesMs, acknowledgedMs } = run[name];
    const all = quantilesOf(latenciesMs);
    const acknowledged = quantilesOf(acknowledgedMs);
    return [
      name,
      countsOf(statuses),
      ...[all.p50, all.p99, latenciesMs.reduce((most, ms) => Math.max(most, ms), 0), acknowledged.p50, acknowledged.p99].map((ms) =>
        ms.toFixed(0),
      ),
      countsOf(retryAfters) || "-",
    ];
  });
  const columns = ["sender", "answers", "p50 ms", "p99 ms", "most ms", "p50 of 202", "p99 of 202", "Retry-After"];
  const table = [columns, columns.map(() => "---:"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  return `${table}

offered ${run.offeredPerSecond} events/s, of which ${run.noisy.unsent} events were not sent; accepted ${run.acceptedPerSecond.toFixed(0)}, \
of a closed loop before ${run.acceptedPerSecondBefore.toFixed(0)}; peak ${run.peakMiB.toFixed(0)} MiB; counted after ${run.foldedAfterMs} ms; \
lost ${run.lost}`;
}

function countsOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name}: ${count}`)
    .join(", ");
}
