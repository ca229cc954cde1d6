import { performance } from "node:perf_hooks";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { MetricAnswer } from "@trinity/aggregation/answer";
import { askMetric } from "@trinity/query/asking";
import type { EventStore } from "@trinity/storage/event-store";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { createHttpClient, type HttpClient } from "@trinity/testing/http-client";
import { type ServerProcess, serverReady, spawnServer, stopServer } from "@trinity/testing/server-process";
import { apiServer, benchAdminKey } from "./api-server.ts";
import { type DashboardQuestion, dashboardQuestions } from "./dashboard-questions.ts";
import { type DashboardStore, dashboardStore } from "./dashboard-store.ts";
import { trafficRange } from "./dashboard-traffic.ts";
import { openDuckdbEvents } from "./duckdb-events.ts";
import { type Quantiles, quantilesOf } from "./quantiles.ts";

const warmUps = 30;

export type LatencySettings = {
  readonly seed: number;
  /** The number of events of each store. */
  readonly sizes: readonly number[];
  readonly users: number;
  readonly repetitions: number;
  readonly duckdbRepetitions: number;
};

export type QuestionLatency = {
  readonly name: string;
  /** In milliseconds, each by size: in this process, over HTTP, and in DuckDB. */
  readonly direct: readonly Quantiles[];
  readonly api: readonly Quantiles[];
  readonly duckdb: readonly Quantiles[];
};

export type DashboardLatencies = { readonly stores: readonly DashboardStore[]; readonly questions: readonly QuestionLatency[] };

/** The stores of one size of the traffic. */
type Contestant = {
  readonly store: EventStore;
  readonly api: ServerProcess;
  readonly client: HttpClient;
  readonly duckdb: DuckDBConnection;
};

/**
 * Asks stores of several sizes the questions of the dashboard, in turn: each repetition asks every question of every size once, so that
 * other work of the machine affects all of them alike.
 * @throws {Error} when DuckDB, asked about the same events, answers anything else
 */
export async function measureDashboard(settings: LatencySettings): Promise<DashboardLatencies> {
  const { seed, users, repetitions, duckdbRepetitions } = settings;
  const stores: DashboardStore[] = [];
  for (const events of settings.sizes) stores.push(await dashboardStore({ seed, events, users }));
  const contestants: Contestant[] = [];
  try {
    for (const store of stores) contestants.push(await contestantOf(store));
    for (const contestant of contestants) for (const question of dashboardQuestions) await requireSameAnswer(question, contestant);
    const direct = await timesOf(contestants, repetitions, async ({ query }, { store }) => void (await directAnswer(store, query)));
    const api = await timesOf(contestants, repetitions, ({ path }, { client }) => apiAnswer(client, path));
    const duckdb = await timesOf(contestants, duckdbRepetitions, async ({ sql }, { duckdb }) => void (await duckdb.runAndReadAll(sql)));
    const questions = dashboardQuestions.map(({ name }, i) => ({
      name,
      direct: direct[i] as readonly Quantiles[],
      api: api[i] as readonly Quantiles[],
      duckdb: duckdb[i] as readonly Quantiles[],
    }));
    return { stores, questions };
  } finally {
    for (const { store, api, client, duckdb } of contestants) {
      client.close();
      duckdb.closeSync();
      await store.close();
      await stopServer(api);
    }
  }
}

async function contestantOf(built: DashboardStore): Promise<Contestant> {
  const duckdb = await openDuckdbEvents(built);
  const api = await serverReady(spawnServer(apiServer(built.dataDir, process.env)));
  const store = openSqliteStore({ dataDir: built.dataDir, mode: "readonly" });
  return { store, api, client: createHttpClient(api.ready["api"] as string, 1, benchAdminKey), duckdb };
}

function directAnswer(store: EventStore, query: DashboardQuestion["query"]): Promise<MetricAnswer> {
  // A week later: every abandoned room has ended.
  return askMetric(store, query, trafficRange.toMs + 7 * 86_400_000);
}

async function apiAnswer(client: HttpClient, path: string): Promise<void> {
  const { status, text } = await client.get(path);
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
}

/** @returns by question, then by contestant */
async function timesOf(
  contestants: readonly Contestant[],
  repetitions: number,
  ask: (question: DashboardQuestion, contestant: Contestant) => Promise<void>,
): Promise<readonly (readonly Quantiles[])[]> {
  const times = dashboardQuestions.map(() => contestants.map((): number[] => []));
  for (let i = -Math.min(warmUps, repetitions); i < repetitions; i++) {
    for (const [q, question] of dashboardQuestions.entries()) {
      for (const [c, contestant] of contestants.entries()) {
        const startMs = performance.now();
        await ask(question, contestant);
        if (i >= 0) times[q]?.[c]?.push(performance.now() - startMs);
      }
    }
  }
  return times.map((ofQuestion) => ofQuestion.map(quantilesOf));
}

/** Quantiles may differ by a bin of the histogram, and by rank in small buckets; everything else must be equal. */
async function requireSameAnswer({ name, query, sql }: DashboardQuestion, { store, duckdb }: Contestant): Promise<void> {
  const { series } = await directAnswer(store, query);
  const rows = (await duckdb.runAndReadAll(`SELECT line, epoch_ms(start) AS start, value::DOUBLE AS value FROM (${sql})`)).getRowsJS();
  const expected = new Map(rows.map(([line, start, value]) => [`${line} ${start === null ? "" : Number(start)}`, value as number]));
  const tolerance = query.statistic === "mean" ? 1e-9 : 0.011;
  let seen = 0;
  for (const { by, points } of series) {
    for (const { start, value } of points) {
      const wanted = expected.get(`${Object.values(by).join()} ${query.granularity === "total" ? "" : Date.parse(start)}`);
      if (wanted !== undefined) seen += 1;
      if (Math.abs((value ?? 0) - (wanted ?? 0)) > tolerance * (wanted ?? 0))
        throw new Error(`${name}: ${JSON.stringify(by)} ${start} is ${value}, and ${wanted} in DuckDB`);
    }
  }
  if (seen < expected.size) throw new Error(`${name}: DuckDB has ${expected.size - seen} values more`);
}
