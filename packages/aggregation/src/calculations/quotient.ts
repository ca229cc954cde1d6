import type { AccumulatedSeries } from "../accumulator.ts";
import { clockDimensions } from "../dimension.ts";
import { dimensionsOfMeasure } from "../measure.ts";
import { ratioOf } from "../metric-value.ts";
import type { AnswerBucket, ResolvedQuery } from "../resolved-query.ts";
import { windowStart } from "../rolling-window.ts";
import type { CountWindow } from "../sub-query.ts";
import type { Calculation } from "./calculation.ts";
import type { Quantity } from "./quantity.ts";
import { seriesByKey } from "./series-by-key.ts";

type Sides = { readonly numerator: Quantity; readonly denominator: Quantity };
type Side = keyof Sides;

/** Two quantities of the same bucket, divided. */
export function quotient(sides: Sides): Calculation<Side> {
  return {
    ...commonOf(sides),
    description: "ratio to distinct users",
    finestGranularity: "minute",
    subQueries: (resolved) => subQueriesOf(sides, resolved, () => resolved.buckets),
    series: ({ buckets }, sums) =>
      joined(sides, sums).map(({ key, by, series: [above, below] }) => {
        const numbersOf = (series: AccumulatedSeries<number> | undefined) => series?.windows ?? new Array<number>(buckets.length).fill(0);
        return { key, by, points: divided(numbersOf(above), numbersOf(below)), total: dividedBy(above?.total ?? 0, below?.total ?? 0) };
      }),
    rows: (plan, side) => sides[side].rows(plan, side, side, false),
  };
}

/** Two quantities of each day of the bucket, summed over its days and then divided. */
export function quotientOfDays(sides: Sides): Calculation<Side> {
  return {
    ...commonOf(sides),
    description: "ratio of two sums over the days of the bucket",
    finestGranularity: "day",
    subQueries: (resolved) => {
      const days = resolved.buckets.flatMap((bucket) => daysOf(bucket, resolved));
      return subQueriesOf(sides, resolved, (quantity) => days.map((day) => windowOf(day, quantity, resolved)));
    },
    series: (resolved, sums) => {
      const daysOfBuckets = resolved.buckets.map((bucket) => daysOf(bucket, resolved).length);
      return joined(sides, sums).map(({ key, by, series: [numerators, denominators] }) => {
        const [above, below] = [sumsOfGroups(numerators, daysOfBuckets), sumsOfGroups(denominators, daysOfBuckets)];
        return { key, by, points: divided(above, below), total: dividedBy(sumOfAll(above), sumOfAll(below)) };
      });
    },
    rows: (plan, side) => sides[side].rows(plan, side, side, true),
  };
}

function commonOf({ numerator, denominator }: Sides) {
  const shared = new Set(dimensionsOfMeasure(denominator.counted.measure));
  return {
    measures: [numerator.counted.measure, denominator.counted.measure],
    dimensions: [...dimensionsOfMeasure(numerator.counted.measure).filter((name) => shared.has(name)), ...clockDimensions],
    parameter: null,
    isAdditive: false,
    emptyValue: { value: null, numerator: 0, denominator: 0, interval: null },
    kind: () => "ratio",
  } as const satisfies Partial<Calculation>;
}

function subQueriesOf(sides: Sides, { query, total }: ResolvedQuery, windowsOf: (quantity: Quantity) => readonly CountWindow[]) {
  return (["numerator", "denominator"] as const).map((name) => {
    const { counted, filters } = sides[name];
    return { name, ...counted, by: query.by, filters: [...query.filters, ...filters], windows: windowsOf(sides[name]), total };
  });
}

function joined({ numerator, denominator }: Sides, sums: Parameters<Calculation<Side>["series"]>[1]) {
  return seriesByKey([numerator.numbers(sums, "numerator"), denominator.numbers(sums, "denominator")]);
}

function divided(above: readonly number[], below: readonly number[]) {
  return above.map((numerator, i) => dividedBy(numerator, below[i] ?? 0));
}

function dividedBy(numerator: number, denominator: number) {
  return { ...ratioOf(numerator, denominator), interval: null };
}

type Day = { readonly startMs: number; readonly endMs: number };

/** @returns the days of the time zone in a bucket, cut to it, without those that have not begun */
function daysOf({ countFromMs, countToMs }: AnswerBucket, { calendar, asOfMs }: ResolvedQuery): readonly Day[] {
  const days: Day[] = [];
  for (let startMs = countFromMs; startMs < countToMs && startMs < asOfMs; ) {
    const endMs = calendar.next("day", startMs);
    days.push({ startMs, endMs: Math.min(endMs, countToMs) });
    startMs = endMs;
  }
  return days;
}

function windowOf({ startMs, endMs }: Day, { windowDays }: Quantity, { calendar, asOfMs }: ResolvedQuery): CountWindow {
  return { countFromMs: windowDays === 1 ? startMs : windowStart(endMs, windowDays, calendar, asOfMs), countToMs: endMs };
}

/** @param sizes how many windows each group has */
function sumsOfGroups(series: AccumulatedSeries<number> | undefined, sizes: readonly number[]): readonly number[] {
  let from = 0;
  return sizes.map((size) => {
    const sum = sumOfAll(series?.windows.slice(from, from + size) ?? []);
    from += size;
    return sum;
  });
}

function sumOfAll(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
