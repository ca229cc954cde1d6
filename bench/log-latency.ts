import { availableParallelism } from "node:os";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { createHttpClient, type HttpClient } from "@trinity/testing/http-client";
import { serverReady, spawnServer, stopServer } from "@trinity/testing/server-process";
import { apiServer, benchAdminKey } from "./api-server.ts";
import { type DashboardStore, dashboardStore } from "./dashboard-store.ts";
import { type DuckdbLog, duckdbValues, openDuckdbLog } from "./duckdb-log.ts";
import { freedAfterLeaving, type LeavingSettings } from "./leaving-callers.ts";
import { cheapQuestion, type HttpQuestion, type LogQuestion, logQuestions, smallQuestion } from "./log-questions.ts";
import { type ProcessMemory, processesOf } from "./process-usage.ts";
import { type Quantiles, quantilesOf } from "./quantiles.ts";
import { differenceOf } from "./same-numbers.ts";
import { type SealedLog, sealedLog } from "./sealed-log.ts";

export type LogLatencySettings = { readonly seed: number; readonly events: number; readonly users: number; readonly repetitions: number };

export type LogLatencies = {
  readonly store: DashboardStore;
  readonly sealed: SealedLog;
  /** The first answer to any question over the log, which starts the processes for it. */
  readonly firstMs: number;
  readonly questions: readonly QuestionLatency[];
  /** Of a question over rollups and of the health page: alone, and while four of the heaviest questions run. */
  readonly cheap: { readonly alone: Quantiles; readonly beside: Quantiles };
  readonly health: { readonly alone: Quantiles; readonly beside: Quantiles };
  /** How long the engine still works for a caller of each of the heaviest who leaves, in ms; null for a question that was answered before. */
  readonly freed: readonly { readonly name: string; readonly ms: number | null }[];
  /** The API and the processes that it started, with the most memory that each had. */
  readonly processes: readonly ProcessMemory[];
  /** How long it took to read the log into the table of DuckDB. */
  readonly duckdbFillSeconds: number;
};

/** `duckdb` is null where no statement gives the same numbers. */
type QuestionLatency = {
  readonly name: string;
  readonly latency: Quantiles;
  readonly duckdb: Quantiles | null;
  readonly bytes: number;
};

const heavyAtOnce = 4;
const cheapRepetitions = 200;
const warmUps = 2;

/**
 * Asks one API process, over HTTP, what no rollup covers, and DuckDB the same in turn.
 * @throws {Error} when a question is not answered, or when DuckDB has other numbers
 */
export async function measureLogQuestions({ repetitions, ...traffic }: LogLatencySettings): Promise<LogLatencies> {
  const store = await dashboardStore(traffic);
  const sealed = await sealedLog(store.dataDir);
  const api = await serverReady(spawnServer(apiServer(store.dataDir, process.env)));
  const client = createHttpClient(api.ready["api"] as string, heavyAtOnce + 1, benchAdminKey);
  let duckdb: DuckdbLog | null = null;
  try {
    const [, firstMs] = await timed(() => ask(client, smallQuestion));
    // Meanwhile the API warms up.
    duckdb = await openDuckdbLog(store.dataDir, availableParallelism());
    const asked = await logQuestions((question) => ask(client, question));
    const questions: QuestionLatency[] = [];
    for (const question of asked) questions.push(await latencyOf(question, { client, duckdb, repetitions }));
    const cheap = () => ask(client, cheapQuestion);
    const health = () => ask(client, { name: "health", path: "/healthz" });
    const alone = { cheap: await spaced(cheap), health: await spaced(health) };
    const heaviest = questions.toSorted((a, b) => b.latency.p50 - a.latency.p50).slice(0, heavyAtOnce);
    const heavy = asked.filter(({ name }) => heaviest.some((one) => one.name === name));
    const freed = await freedAfterLeaving(heavy, { apiPid: api.pid, send: leavingSend(api.ready["api"] as string) });
    const beside = await besideOf(client, heavy, async () => ({ cheap: await spaced(cheap), health: await spaced(health) }));
    return {
      store,
      sealed,
      firstMs,
      questions,
      cheap: { alone: alone.cheap, beside: beside.cheap },
      health: { alone: alone.health, beside: beside.health },
      freed: freed.map((ms, i) => ({ name: (heavy[i] as LogQuestion).name, ms })),
      processes: processesOf(api.pid),
      duckdbFillSeconds: duckdb.fillSeconds,
    };
  } finally {
    client.close();
    duckdb?.close();
    await stopServer(api);
  }
}

type Contestants = { readonly client: HttpClient; readonly duckdb: DuckdbLog; readonly repetitions: number };

/** Asks the API and DuckDB in turn, so that other work of the machine affects both alike. */
async function latencyOf(question: LogQuestion, { client, duckdb, repetitions }: Contestants): Promise<QuestionLatency> {
  const { name, inSql } = question;
  const answer = await ask(client, question);
  if (inSql !== null) {
    const difference = differenceOf(inSql.valuesOf(answer), await duckdbValues(duckdb, inSql.sql));
    if (difference !== null)
      throw new Error(`${name}: the API has ${difference[0]} where DuckDB has ${difference[1]}, of all numbers in order`);
  }
  const times: { readonly api: number[]; readonly duckdb: number[] } = { api: [], duckdb: [] };
  for (let i = -warmUps; i < repetitions; i++) {
    const [, apiMs] = await timed(() => ask(client, question));
    const duckdbMs = inSql === null ? null : (await timed(() => duckdbValues(duckdb, inSql.sql)))[1];
    if (i < 0) continue;
    times.api.push(apiMs);
    if (duckdbMs !== null) times.duckdb.push(duckdbMs);
  }
  return {
    name,
    bytes: answer.length,
    latency: quantilesOf(times.api),
    duckdb: inSql === null ? null : quantilesOf(times.duckdb),
  };
}

async function ask(client: HttpClient, { path, body }: HttpQuestion): Promise<string> {
  const { status, text } = await (body === undefined ? client.get(path) : client.post(path, Buffer.from(body)));
  if (status !== 200) throw new Error(`${path}: ${status} ${text.slice(0, 500)}`);
  return text;
}

/** A connection for each, which ends when the question is given up. */
function leavingSend(url: string): LeavingSettings["send"] {
  const headers = { "x-api-key": benchAdminKey, "content-type": "application/json" };
  return async ({ path, body }, signal) => {
    const response = await fetch(new URL(path, url), { headers, signal, ...(body === undefined ? {} : { method: "POST", body }) });
    return response.text();
  };
}

/** @returns what the work gives, and how many milliseconds it takes */
async function timed<Result>(work: () => Promise<Result>): Promise<readonly [Result, number]> {
  const startMs = performance.now();
  const result = await work();
  return [result, performance.now() - startMs];
}

/** As a page asks: now and then. */
async function spaced(work: () => Promise<unknown>): Promise<Quantiles> {
  const times: number[] = [];
  for (let i = 0; i < cheapRepetitions; i++) {
    times.push((await timed(work))[1]);
    await sleep(10);
  }
  return quantilesOf(times);
}

/** Measures while each of the questions is asked again and again. */
async function besideOf<Measured>(
  client: HttpClient,
  questions: readonly HttpQuestion[],
  measure: () => Promise<Measured>,
): Promise<Measured> {
  let isMeasuring = true;
  const load = questions.map(async (question) => {
    while (isMeasuring) await ask(client, question);
  });
  try {
    return await measure();
  } finally {
    isMeasuring = false;
    await Promise.all(load);
  }
}
