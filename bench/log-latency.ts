import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { createHttpClient, type HttpClient } from "@trinity/testing/http-client";
import { serverReady, spawnServer, stopServer } from "@trinity/testing/server-process";
import { apiServer, benchAdminKey } from "./api-server.ts";
import { type DashboardStore, dashboardStore } from "./dashboard-store.ts";
import { cheapQuestion, type LogQuestion, logQuestions } from "./log-questions.ts";
import { type Quantiles, quantilesOf } from "./quantiles.ts";
import { type SealedLog, sealedLog } from "./sealed-log.ts";

export type LogLatencySettings = { readonly seed: number; readonly events: number; readonly users: number; readonly repetitions: number };

export type LogLatencies = {
  readonly store: DashboardStore;
  readonly sealed: SealedLog;
  /** The first answer to any question over the log, which starts the processes for it. */
  readonly firstMs: number;
  readonly questions: readonly { readonly name: string; readonly latency: Quantiles; readonly bytes: number }[];
  /** Of a question over rollups and of the health page: alone, and while four of the heaviest questions run. */
  readonly cheap: { readonly alone: Quantiles; readonly beside: Quantiles };
  readonly health: { readonly alone: Quantiles; readonly beside: Quantiles };
};

const heavyAtOnce = 4;
const cheapRepetitions = 200;

/** Asks one API process, over HTTP, what no rollup covers. @throws {Error} when a question is not answered */
export async function measureLogQuestions({ repetitions, ...traffic }: LogLatencySettings): Promise<LogLatencies> {
  const store = await dashboardStore(traffic);
  const sealed = await sealedLog(store.dataDir);
  const api = await serverReady(spawnServer(apiServer(store.dataDir, process.env)));
  const client = createHttpClient(api.ready["api"] as string, heavyAtOnce + 1, benchAdminKey);
  try {
    const [first] = await timesOf(1, () => ask(client, logQuestions[2] as LogQuestion));
    const questions = [];
    for (const question of logQuestions) {
      const bytes = (await ask(client, question)).length;
      questions.push({ name: question.name, bytes, latency: quantilesOf(await timesOf(repetitions, () => ask(client, question))) });
    }
    const cheap = () => ask(client, cheapQuestion);
    const health = () => ask(client, { name: "health", path: "/healthz" });
    const alone = { cheap: await spaced(cheap), health: await spaced(health) };
    const heaviest = questions.toSorted((a, b) => b.latency.p50 - a.latency.p50).slice(0, heavyAtOnce);
    const heavy = logQuestions.filter(({ name }) => heaviest.some((one) => one.name === name));
    const beside = await besideOf(client, heavy, async () => ({ cheap: await spaced(cheap), health: await spaced(health) }));
    return {
      store,
      sealed,
      firstMs: first as number,
      questions,
      cheap: { alone: alone.cheap, beside: beside.cheap },
      health: { alone: alone.health, beside: beside.health },
    };
  } finally {
    client.close();
    await stopServer(api);
  }
}

async function ask(client: HttpClient, { path, body }: LogQuestion): Promise<string> {
  const { status, text } = await (body === undefined ? client.get(path) : client.post(path, Buffer.from(body)));
  if (status !== 200) throw new Error(`${path}: ${status} ${text.slice(0, 500)}`);
  return text;
}

async function timesOf(repetitions: number, work: () => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    const startMs = performance.now();
    await work();
    times.push(performance.now() - startMs);
  }
  return times;
}

/** As a page asks: now and then. */
async function spaced(work: () => Promise<unknown>): Promise<Quantiles> {
  const times: number[] = [];
  for (let i = 0; i < cheapRepetitions; i++) {
    times.push(...(await timesOf(1, work)));
    await sleep(10);
  }
  return quantilesOf(times);
}

/** Measures while each of the questions is asked again and again. */
async function besideOf<Measured>(
  client: HttpClient,
  questions: readonly LogQuestion[],
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
