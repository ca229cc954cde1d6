import type { MetricAnswer } from "@trinity/aggregation/answer";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import type { MetricValue } from "@trinity/aggregation/metric-value";
import { keySeparator } from "./lines.ts";
import { type MetricDefinition, metricDefinitions } from "./metric-definitions.ts";
import type { SqlAnswer, SqlNumber } from "./sql-oracle.ts";

/** The maximum distance of a histogram's quantile from the exact one, with a little for the rounding of the bound itself. */
const quantileErrorMax = 0.005 * (1 + 1e-6);
/** A room's time and the median are each within 0.5 %: 20 points x d(2^-x), of which x 2^-x ln 2 is 1/e at most. */
const satisfactionErrorMax = (20 * 2.02 * 0.005) / Math.E;

/**
 * Counts, numerators and denominators must be equal; only histograms may differ, within their bound. A series without counts may be absent.
 * @returns every number in which an answer and SQL differ, with both values
 */
export function answerDifferences(answer: MetricAnswer, query: MetricQuery, sql: SqlAnswer): readonly string[] {
  const definition = metricDefinitions[query.metric] as MetricDefinition;
  const differences: string[] = [];
  const compare = (where: string, reported: MetricValue | undefined, expected: SqlNumber | undefined) => {
    if (!isSame(definition, query, reported, expected))
      differences.push(`${where || "all"}: answered ${JSON.stringify(reported)}, by SQL ${JSON.stringify(expected)}`);
  };
  const keyOf = (by: Readonly<Record<string, string>>) => query.by.map((name) => by[name]).join(keySeparator);
  const series = new Map(answer.series.map(({ by, points }) => [keyOf(by), points]));
  const totals = new Map(answer.totals.map(({ by, ...reported }) => [keyOf(by), reported]));
  if (series.size < answer.series.length || totals.size < answer.totals.length) differences.push("two lines are for the same values");
  for (const key of new Set([...series.keys(), ...totals.keys(), ...sql.lines.keys()])) {
    const line = sql.lines.get(key);
    const points = series.get(key);
    const name = key.replaceAll(keySeparator, ", ");
    const starts = points?.map(({ start }) => Date.parse(start));
    if (starts !== undefined && String(starts) !== String(sql.starts))
      differences.push(`buckets start at ${starts.map(iso)}, by SQL at ${sql.starts.map(iso)}`);
    for (const [i, startMs] of sql.starts.entries()) compare(`${name} ${iso(startMs)}`, points?.[i], line?.points.get(i));
    compare(`${name} in total`, totals.get(key), line?.total);
  }
  return differences;
}

/** A question as readable text, for messages. */
export function textOf({ metric, fromMs, toMs, granularity, by, filters, timeZone, statistic, windowDays, segment }: MetricQuery): string {
  const filtered = filters.map(({ dimension, values, negated }) => `&filter=${negated ? "!" : ""}${dimension}:${values}`);
  const asked = `granularity=${granularity}&by=${by}&tz=${timeZone}&stat=${statistic}&window=${windowDays}${filtered.join("")}`;
  const among = segment === undefined ? "" : `&segment=${JSON.stringify(segment)}`;
  return `${metric}?from=${iso(fromMs)}&to=${iso(toMs)}&${asked}${among}`;
}

function isSame(
  definition: MetricDefinition,
  query: MetricQuery,
  reported: MetricValue | undefined,
  expected: SqlNumber | undefined,
): boolean {
  const { value = null, numerator = 0, denominator = 0, count = 0 } = reported ?? {};
  const { n, d, v } = { n: expected?.n ?? 0, d: expected?.d ?? 0, v: expected?.v ?? null };
  switch (definition.kind) {
    case "count":
    case "distinct":
    case "lifecycle":
    case "concurrency":
      return (reported === undefined ? 0 : value) === n;
    case "ratio":
    case "per_user":
    case "stickiness":
      return numerator === n && denominator === d && value === (reported === undefined || d === 0 ? null : n / d);
    case "duration":
      return count === n && isNear(value, v, query.statistic === "mean" ? 1e-9 : quantileErrorMax);
    case "satisfaction":
      return count === n && (value === null || v === null ? value === v : Math.abs(value - v) <= satisfactionErrorMax);
  }
}

function isNear(value: number | null, exact: number | null, errorMax: number): boolean {
  if (value === null || exact === null) return value === exact;
  return Math.abs(value - exact) <= Math.abs(exact) * errorMax;
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
