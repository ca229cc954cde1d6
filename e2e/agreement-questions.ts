import type { Granularity } from "@trinity/aggregation/calendar";
import { clockDimensions, type DimensionName } from "@trinity/aggregation/dimension";
import { dimensionsOfMetric, type Metric } from "@trinity/aggregation/metric";
import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import { type Filter, type MetricQuery, statistics } from "@trinity/aggregation/metric-query";
import type { SeededChoice } from "@trinity/testing/seeded-random";

const hourMs = 3_600_000;
const timeZones = ["UTC", "UTC", "Europe/Madrid", "Asia/Kolkata", "America/Sao_Paulo"];
const granularities: readonly Granularity[] = ["minute", "hour", "day", "day", "week", "month", "total"];
/** These have many buckets, so only short ranges are asked. */
const hoursMax: Partial<Record<Granularity, number>> = { minute: 6, hour: 48 };

/** @returns the values that a metric has in a dimension */
export type ValuesOf = (metric: Metric, dimension: DimensionName) => Promise<readonly string[]>;

/** Questions about each metric in turn, otherwise random, about whole half hours in `[fromMs, toMs)`. */
export async function randomQuestions(
  count: number,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  valuesOf: ValuesOf,
  random: SeededChoice,
): Promise<readonly MetricQuery[]> {
  const questions: MetricQuery[] = [];
  for (let i = 0; i < count; i++) {
    const metric = metricCatalogue[i % metricCatalogue.length] as Metric;
    const granularity = random.pick(granularities.slice(granularities.indexOf(metric.calculation.finestGranularity)));
    const dimensions = dimensionsOfMetric(metric);
    const hours = 1 + random.below(Math.min(hoursMax[granularity] ?? Number.POSITIVE_INFINITY, (toMs - fromMs) / hourMs) - 1);
    const startMs = fromMs + random.below((toMs - fromMs) / hourMs - hours) * hourMs;
    // Beside the boundaries of buckets as often as on them.
    const offMs = random.pick([0, 0, hourMs / 2, 1_001]);
    questions.push({
      metric: metric.name,
      fromMs: startMs + offMs,
      toMs: startMs + hours * hourMs,
      granularity,
      by: [...new Set(Array.from({ length: random.below(3) }, () => random.pick(dimensions)))],
      filters: random.chance(0.5) ? [await randomFilter(metric, dimensions, valuesOf, random)] : [],
      timeZone: random.pick(timeZones),
      statistic: metric.calculation.parameter === "statistic" ? random.pick(statistics) : "mean",
      windowDays: metric.calculation.parameter === "windowDays" ? random.pick([1, 7, 30] as const) : 1,
    });
  }
  return questions;
}

async function randomFilter(
  metric: Metric,
  dimensions: readonly DimensionName[],
  valuesOf: ValuesOf,
  random: SeededChoice,
): Promise<Filter> {
  const dimension = random.pick(dimensions);
  const known = clockDimensions.has(dimension) ? ["1", "5", "7"] : await valuesOf(metric, dimension);
  const values = known.length === 0 ? ["unknown"] : [...new Set([random.pick(known), random.pick(known)])];
  return { dimension, values, negated: random.chance(0.3) };
}

/** The question as input of the API. */
export function inputOf({ metric, fromMs, toMs, granularity, by, filters, timeZone, statistic, windowDays }: MetricQuery) {
  const filter = filters.map(({ dimension, values, negated }) => `${negated ? "!" : ""}${dimension}:${values.join(",")}`);
  const range = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
  return { metric, ...range, granularity, by: [...by], filter, tz: timeZone, stat: statistic, window: windowDays };
}

/** The same as path and parameters of REST. */
export function pathOf(query: MetricQuery): string {
  const { metric, ...input } = inputOf(query);
  const parameters = Object.entries(input).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, String(one)]));
  return `/metrics/${metric}?${new URLSearchParams(parameters)}`;
}
