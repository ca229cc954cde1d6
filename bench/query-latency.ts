import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { answerMetric } from "@trinity/storage/answer-metric";
import type { EventStore } from "@trinity/storage/event-store";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { createHttpClient, type HttpClient } from "./http-client.ts";
import { ingestServer } from "./ingest-server.ts";
import { serverReady, spawnServer, stopServer } from "./server-process.ts";
import { runLoad, untilFolded } from "./trial.ts";

const dayMs = 86_400_000;
const days = 30;
const events = 100_000;
const repetitions = 200;
const adminKey = "bench-admin-key-0123456789";

type Question = Pick<MetricQuery, "metric" | "granularity" | "by">;

const questions: readonly Question[] = [
  { metric: "events", granularity: "day", by: [] },
  { metric: "active_users", granularity: "day", by: [] },
  { metric: "votes", granularity: "day", by: ["genre"] },
  { metric: "positive_rate", granularity: "hour", by: [] },
  { metric: "sessions", granularity: "day", by: ["platform"] },
  { metric: "session_duration", granularity: "day", by: [] },
];

export type QueryLatency = {
  readonly metric: string;
  readonly granularity: string;
  readonly by: readonly string[];
  /** The same question answered in this process, from the same files. */
  readonly directMsP50: number;
  readonly apiMsP50: number;
  readonly apiMsP99: number;
};

/** Fills a store with 30 days of votes, and asks the API about them, one question at a time. */
export async function measureQueries({ seed, nowMs }: { readonly seed: number; readonly nowMs: number }): Promise<readonly QueryLatency[]> {
  const dataDir = mkdtempSync(join(tmpdir(), "trinity-bench-query-"));
  try {
    await fill(dataDir, seed, nowMs);
    return await askAll(dataDir, nowMs);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function fill(dataDir: string, seed: number, nowMs: number): Promise<void> {
  const server = await serverReady(spawnServer(ingestServer(dataDir, process.env)));
  const traffic = { seed, events, burst: 20, startMs: nowMs - days * dayMs, spanMs: days * dayMs };
  try {
    const { failed, firstFailure } = await runLoad(server, { traffic, warmUpEvents: 0, batchEvents: 500, connections: 4, secondsMax: 120 });
    if (failed > 0) throw new Error(`the store could not be filled: ${firstFailure}`);
    const store = openSqliteStore({ dataDir, mode: "readonly" });
    await untilFolded(store).finally(() => store.close());
  } finally {
    await stopServer(server);
  }
}

async function askAll(dataDir: string, nowMs: number): Promise<readonly QueryLatency[]> {
  const env = {
    PATH: process.env["PATH"],
    TRINITY_DATA_DIR: dataDir,
    TRINITY_API_PORT: "0",
    TRINITY_ADMIN_KEY: adminKey,
    TRINITY_LOG_LEVEL: "warn",
  };
  const api = await serverReady(spawnServer({ script: new URL("../apps/api/src/main.ts", import.meta.url), env }));
  const client = createHttpClient(api.ready["api"] as string, 1, adminKey);
  const store = openSqliteStore({ dataDir, mode: "readonly" });
  try {
    const latencies: QueryLatency[] = [];
    for (const question of questions) latencies.push(await ask(question, client, store, nowMs));
    return latencies;
  } finally {
    client.close();
    await store.close();
    await stopServer(api);
  }
}

async function ask({ metric, granularity, by }: Question, client: HttpClient, store: EventStore, nowMs: number): Promise<QueryLatency> {
  const toMs = Math.floor(nowMs / dayMs + 1) * dayMs;
  const range = { fromMs: toMs - days * dayMs, toMs };
  const query: MetricQuery = { metric, granularity, by, ...range, filters: [], timeZone: "UTC", statistic: "p95", windowDays: 1 };
  const parameters = new URLSearchParams({ from: new Date(range.fromMs).toISOString(), to: new Date(toMs).toISOString(), granularity });
  if (by.length > 0) parameters.set("by", by.join(","));
  const path = `/api/v1/metrics/${metric}?${parameters}`;

  const direct = await timesOf(() => answerMetric(store, query, nowMs));
  const api = await timesOf(async () => {
    const { status, text } = await client.get(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
  });
  return { metric, granularity, by, directMsP50: quantile(direct, 0.5), apiMsP50: quantile(api, 0.5), apiMsP99: quantile(api, 0.99) };
}

/** @returns how long each repetition took, in milliseconds, ascending; what runs first, to warm up, is left out */
async function timesOf(work: () => Promise<unknown>): Promise<readonly number[]> {
  const timesMs: number[] = [];
  for (let i = 0; i < repetitions + 20; i++) {
    const startMs = performance.now();
    await work();
    if (i >= 20) timesMs.push(performance.now() - startMs);
  }
  return timesMs.sort((a, b) => a - b);
}

function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))] ?? 0;
}

export function queryTable(latencies: readonly QueryLatency[]): string {
  const rows = latencies.map(({ metric, granularity, by, directMsP50, apiMsP50, apiMsP99 }) => [
    metric,
    granularity,
    by.join(", ") || "-",
    ...[directMsP50, apiMsP50, apiMsP99].map((ms) => ms.toFixed(2)),
  ]);
  const head = ["metric, 30 days", "by the", "by", "direct p50 ms", "API p50 ms", "API p99 ms"];
  return [head, ["---", "---", "---", "---:", "---:", "---:"], ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
