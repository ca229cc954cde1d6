import type { MetricAnswer } from "@trinity/aggregation/answer";
import { clockDimensions, type DimensionName, multiValued } from "@trinity/aggregation/dimension";
import { dimensionsOfMetric, type Metric } from "@trinity/aggregation/metric";
import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import { type MetricQuery, statistics } from "@trinity/aggregation/metric-query";
import type { AppRouter } from "@trinity/api/router";
import { ask } from "@trinity/query/asking";
import type { EventStore } from "@trinity/storage/event-store";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { seededChoice } from "@trinity/testing/seeded-random";
import { createTRPCClient, httpLink } from "@trpc/client";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inputOf, pathOf, randomQuestions } from "./agreement-questions.ts";
import { type ApiClient, createApiClient, type ServedMetric } from "./api-client.ts";
import { type RealProcesses, startRealProcesses, startWithinMs } from "./real-process.ts";
import { sendSimulatedWorld } from "./simulated-world.ts";

const seed = 20_261_122;
const questionCount = 150;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Enough for some five thousand events on a busy machine. */
const workWithinMs = 120_000;

// Up to the present, because gauges are about today.
const toMs = Date.now();
const fromMs = Math.floor(toMs / dayMs) * dayMs - 9 * dayMs;
/** The range is in the past, so that the time of the question does not matter. */
const asked = { fromMs, toMs: Math.floor(toMs / hourMs) * hourMs };

let processes: RealProcesses;
let api: ApiClient;
let store: EventStore;
let client: ReturnType<typeof createTRPCClient<AppRouter>>;
let questions: readonly MetricQuery[];

const whole = (metric: Metric, more: Partial<MetricQuery> = {}): MetricQuery => ({
  metric: metric.name,
  ...asked,
  granularity: "total",
  by: [],
  filters: [],
  timeZone: "UTC",
  statistic: "mean",
  windowDays: 1,
  ...more,
});

/** The answer read directly from the data folder, without any process of ours. */
async function directAnswer(query: MetricQuery): Promise<Omit<ServedMetric, "asOf">> {
  const { data, revision, release, source } = await ask(store, { kind: "metric", ...query }, Date.now());
  return { ...data.answer, revision, suppressed: release.suppressed, source };
}

async function valuesOf(metric: Metric, dimension: DimensionName): Promise<readonly string[]> {
  const { totals } = await directAnswer(whole(metric, { by: [dimension] }));
  return totals.map(({ by }) => by[dimension] as string).filter((value) => !value.includes(","));
}

beforeAll(async () => {
  processes = await startRealProcesses({ TRINITY_MAX_EVENT_AGE: "unlimited" });
  api = createApiClient(processes);
  client = createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${processes.apiUrl}/trpc`, headers: { authorization: `Bearer ${processes.adminKey}` } })],
  });
  const { events } = await sendSimulatedWorld(processes, { seed, fromMs, toMs, scale: 0.15 });
  expect(events).toBeGreaterThan(2_000);
  // Wait for the fold: from here on nothing changes.
  await api.metric(`events?from=${new Date(fromMs).toISOString()}&to=${new Date(toMs).toISOString()}`);
  store = openSqliteStore({ dataDir: processes.dataDir, mode: "readonly" });
  questions = await randomQuestions(questionCount, asked, valuesOf, seededChoice(seed));
}, startWithinMs + workWithinMs);

afterAll(async () => {
  await store?.close();
  await processes?.stop();
  processes?.discard();
});

/** As JSON, without the fields that depend on the time of the answer. */
function comparable({ asOf: _, ...answer }: object & { readonly asOf?: unknown }): unknown {
  return JSON.parse(JSON.stringify(answer));
}

/** Compares thousands of points as text; only on a difference it shows the details. */
function expectSame(answer: unknown, expected: unknown, path: string): void {
  if (JSON.stringify(answer) !== JSON.stringify(expected)) expect(answer, path).toEqual(expected);
}

async function csvOf(query: MetricQuery, asLink: boolean): Promise<string> {
  const url = `${processes.apiUrl}/api/v1${pathOf(query)}${asLink ? "&format=csv" : ""}`;
  const headers = { "x-api-key": processes.adminKey, ...(asLink ? {} : { accept: "text/csv" }) };
  const response = await fetch(url, { headers });
  if (response.status !== 200) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.text();
}

/** The series of a CSV, as far as it contains them. */
function seriesOfCsv(csv: string, by: readonly string[]) {
  const records = parse(csv, { columns: true, record_delimiter: "\r\n" }) as Readonly<Record<string, string>>[];
  const number = (field: string | undefined) => (field === "" ? null : Number(field));
  return records.map((record) => ({
    by: Object.fromEntries(by.map((name) => [name, record[name]?.replace(/^'/, "")])),
    start: record["start"],
    numbers: ["value", "numerator", "denominator", "low", "high", "count"].map((name) => number(record[name])),
    partial: record["partial"] === "true",
  }));
}

function seriesOfAnswer({ series }: MetricAnswer) {
  return series.flatMap(({ by, points }) =>
    points.map(({ start, value, numerator = null, denominator = null, interval, count = null, partial }) => ({
      by,
      start,
      numbers: [value, numerator, denominator, interval?.[0] ?? null, interval?.[1] ?? null, count],
      partial,
    })),
  );
}

test("tRPC, REST, CSV and the data folder itself give the same answers", { timeout: workWithinMs }, async () => {
  expect(questions).toHaveLength(questionCount);
  let points = 0;
  for (const [i, query] of questions.entries()) {
    const direct = await directAnswer(query);
    const [rpc, rest, csv] = await Promise.all([
      client.metrics.query.query(inputOf(query)),
      api.get(pathOf(query)),
      csvOf(query, i % 2 === 0),
    ]);
    expectSame(comparable(rpc), comparable(direct), pathOf(query));
    expectSame(comparable(rest as object), comparable(direct), pathOf(query));
    expectSame(seriesOfCsv(csv, query.by), seriesOfAnswer(direct), pathOf(query));
    points += seriesOfAnswer(direct).filter(({ numbers: [value] }) => value !== null && value !== 0).length;
  }
  // Questions with empty answers would agree as well.
  expect(points).toBeGreaterThan(questionCount);
});

test("every number has as many rows as it counts", { timeout: workWithinMs }, async () => {
  let rows = 0;
  for (const query of questions) {
    const { granularity: _granularity, by: _by, stat: _stat, ...question } = inputOf(query);
    const [{ by: _, ...number } = { by: {}, value: null }] = (
      await directAnswer({ ...query, granularity: "total", by: [], statistic: "mean" })
    ).totals;
    const { total, sum, number: shown, rows: page, nextCursor } = await client.explore.events.query({ ...question, limit: 1_000 });
    const { field, madeBy, unit: _unit, minute: _minute, ...said } = shown;
    expect({ path: pathOf(query), said }).toEqual({ path: pathOf(query), said: JSON.parse(JSON.stringify(number)) });
    expect({ path: pathOf(query), made: madeBy === "total" ? total : sum }).toEqual({ path: pathOf(query), made: said[field] });
    expect([page.length, nextCursor === null]).toEqual([Math.min(total, 1_000), total <= 1_000]);
    rows += total;
  }
  expect(rows).toBeGreaterThan(1_000);
});

/** Numbers that are sums of facts. */
const additive = metricCatalogue.filter(({ calculation }) => calculation.isAdditive);

test("an additive number is the sum over the values of every dimension of which a fact has one value", {
  timeout: workWithinMs,
}, async () => {
  const sumsOf = ({ totals }: MetricAnswer) => {
    const sum = (amount: (total: MetricAnswer["totals"][number]) => number | undefined) =>
      totals.reduce((all, total) => all + (amount(total) ?? 0), 0);
    return {
      // Of a ratio or a distribution only the counts add up.
      value: sum(({ value, numerator, count }) => (numerator === undefined && count === undefined ? (value ?? 0) : 0)),
      numerator: sum(({ numerator }) => numerator),
      denominator: sum(({ denominator }) => denominator),
      count: sum(({ count }) => count),
    };
  };
  for (const metric of additive) {
    const expected = sumsOf(await directAnswer(whole(metric)));
    for (const dimension of dimensionsOfMetric(metric).filter((name) => !multiValued.has(name) && !clockDimensions.has(name))) {
      const parts = sumsOf(await directAnswer(whole(metric, { by: [dimension] })));
      expect({ metric: metric.name, dimension, parts }).toEqual({ metric: metric.name, dimension, parts: expected });
    }
  }
});

/** The question of every gauge, by the gauge's name without labels. */
const gauges = metricCatalogue.flatMap((metric) => {
  const name = metric.unit === "ms" ? `trinity_${metric.name}_seconds` : `trinity_${metric.name}`;
  const by: readonly DimensionName[] = metric.name === "resource_usage" ? ["resource"] : [];
  switch (metric.calculation.parameter) {
    case "statistic":
      return statistics.map((statistic) => ({ metric, name, labels: { statistic }, more: { statistic, by } }));
    case "windowDays":
      return ([1, 7, 30] as const).map((windowDays) => ({ metric, name, labels: { window: `${windowDays}d` }, more: { windowDays } }));
    default:
      return [{ metric, name, labels: {}, more: {} }];
  }
});

const sampleOf = (name: string, labels: Readonly<Record<string, string>>, value: number) => {
  const texts = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
  return `${name}${texts.length === 0 ? "" : `{${texts.sort().join()}}`} ${value}`;
};

/** The samples of catalogue metrics, on the page and as the metrics answer. */
async function gaugesAndAnswers() {
  const page = await (await fetch(`${processes.apiUrl}/metrics`)).text();
  const shown = [...page.matchAll(/^(trinity_\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = "", labels = "", value]) =>
    sampleOf(name, Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, text]) => [label, text])), Number(value)),
  );
  const day = { fromMs: Math.floor(Date.now() / dayMs) * dayMs, toMs: (Math.floor(Date.now() / dayMs) + 1) * dayMs };
  const answered: string[] = [];
  for (const { metric, name, labels, more } of gauges) {
    for (const { by, value } of (await directAnswer(whole(metric, { ...day, ...more }))).totals) {
      if (value !== null) answered.push(sampleOf(name, { ...labels, ...by }, metric.unit === "ms" ? value / 1_000 : value));
    }
  }
  const isOfCatalogue = (sample: string) => !/^trinity_(events_ingested_total|store_readable)\b/.test(sample);
  return { shown: shown.filter(isOfCatalogue).sort(), answered: answered.sort() };
}

test("every gauge of the metrics page equals the answer of its metric for the present day", { timeout: workWithinMs }, async () => {
  const minute = () => Math.floor(Date.now() / 60_000);
  for (let before = minute(); ; before = minute()) {
    const { shown, answered } = await gaugesAndAnswers();
    // Rooms end by the minute: page and answers must be of the same minute, or both are read again.
    if (minute() !== before) continue;
    expect(shown).toEqual(answered);
    expect(answered.length).toBeGreaterThan(30);
    return;
  }
});
