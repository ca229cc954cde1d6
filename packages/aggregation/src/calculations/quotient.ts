import { type AccumulatedSeries, type Accumulator, AmountAccumulator } from "../accumulator.ts";
import type { Calculation, Quantity } from "../metric.ts";
import { type MetricSeries, ratioOf } from "../metric-value.ts";
import type { AnswerBucket, ResolvedQuery } from "../resolved-query.ts";
import { windowStart } from "../rolling-window.ts";
import type { CountWindow, SubQuery } from "../sub-query.ts";
import { seriesByKey } from "./series-by-key.ts";
import { behind, totalOf } from "./vector-calculation.ts";

type QuotientCalculation = Extract<Calculation, { readonly kind: "quotient" }>;
type Day = { readonly startMs: number; readonly endMs: number };

/** The numerator, then the denominator: by the bucket, or for each day of every bucket. */
export function subQueriesOfQuotient(resolved: ResolvedQuery, { numerator, denominator, of }: QuotientCalculation): readonly SubQuery[] {
  const { query, buckets, total } = resolved;
  return [numerator, denominator].map((quantity) => {
    const windows =
      of === "bucket" ? buckets : buckets.flatMap((bucket) => daysOf(bucket, resolved)).map((day) => windowOf(day, quantity, resolved));
    return {
      reads: quantity.calculation.kind === "distinct" ? "users" : "amounts",
      measure: quantity.measure,
      ...(quantity.calculation.kind === "count" ? { componentsBelow: behind(quantity.calculation.components) } : {}),
      by: query.by,
      filters: [...query.filters, ...(quantity.filters ?? [])],
      windows,
      total,
    };
  });
}

export function seriesOfQuotient(
  resolved: ResolvedQuery,
  calculation: QuotientCalculation,
  accumulators: readonly Accumulator[],
): readonly MetricSeries[] {
  const [above, below] = accumulators.map((accumulator, i) =>
    numbersOf(accumulator, i === 0 ? calculation.numerator : calculation.denominator),
  );
  const groups = calculation.of === "bucket" ? null : resolved.buckets.map((bucket) => daysOf(bucket, resolved).length);
  return seriesByKey([above ?? [], below ?? []]).map(({ key, by, series: [numerators, denominators] }) => {
    const above = pointsOf(numerators, groups, resolved.buckets.length);
    const below = pointsOf(denominators, groups, resolved.buckets.length);
    const points = above.map((numerator, i) => ({ ...ratioOf(numerator, below[i] ?? 0), interval: null }));
    const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
    const total = groups === null ? ratioOf(numerators?.total ?? 0, denominators?.total ?? 0) : ratioOf(sum(above), sum(below));
    return { key, by, points, total: { ...total, interval: null } };
  });
}

/** @returns the days of the time zone in what a bucket counts, cut to it; none that has not begun */
function daysOf({ countFromMs, countToMs }: AnswerBucket, { calendar, asOfMs }: ResolvedQuery): readonly Day[] {
  const days: Day[] = [];
  for (let startMs = countFromMs; startMs < countToMs && startMs < asOfMs; ) {
    const endMs = calendar.next("day", startMs);
    days.push({ startMs, endMs: Math.min(endMs, countToMs) });
    startMs = endMs;
  }
  return days;
}

function windowOf({ startMs, endMs }: Day, { windowDays = 1 }: Quantity, { calendar, asOfMs }: ResolvedQuery): CountWindow {
  return { countFromMs: windowDays === 1 ? startMs : windowStart(endMs, windowDays, calendar, asOfMs), countToMs: endMs };
}

function numbersOf(accumulator: Accumulator, { calculation }: Quantity): readonly AccumulatedSeries<number>[] {
  if (accumulator instanceof AmountAccumulator) {
    const components = calculation.kind === "count" ? calculation.components : "all";
    return accumulator.series().map((series) => ({
      ...series,
      windows: series.windows.map((sum) => totalOf(sum, components)),
      total: totalOf(series.total, components),
    }));
  }
  return accumulator.series().map((series) => ({ ...series, windows: series.windows.map(({ size }) => size), total: series.total.size }));
}

/** @param groups how many spans make each bucket; one where it is `null` */
function pointsOf(series: AccumulatedSeries<number> | undefined, groups: readonly number[] | null, buckets: number): readonly number[] {
  if (groups === null) return series?.windows ?? new Array<number>(buckets).fill(0);
  let from = 0;
  return groups.map((days) => {
    const part = series?.windows.slice(from, from + days) ?? [];
    from += days;
    return part.reduce((total, number) => total + number, 0);
  });
}
