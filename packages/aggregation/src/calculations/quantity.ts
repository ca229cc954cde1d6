import type { AccumulatedSeries } from "../accumulator.ts";
import type { AccumulatorsByName } from "../accumulators.ts";
import type { Measure } from "../measure.ts";
import type { Filter } from "../metric-query.ts";
import type { MetricSeries } from "../metric-value.ts";
import type { PlannedQuery } from "../resolved-query.ts";
import { factRows, type RowsMake, type RowsOfNumber, userRows } from "../rows/rows-of-number.ts";
import type { SubQuery } from "../sub-query.ts";
import { type Components, componentAfter, totalOf } from "./components.ts";

/** A whole number that one sub-query gives: a sum of amounts, or the number of distinct users. */
export type Quantity = {
  readonly counted: Pick<SubQuery, "reads" | "measure" | "componentsBelow">;
  /** Keeps facts of the measure besides what the query keeps. */
  readonly filters: readonly Filter[];
  /** How many days, ending with the bucket, are counted together. */
  readonly windowDays: 1 | 7 | 30;
  numbers<Name extends string>(sums: AccumulatorsByName<Name>, name: Name): readonly AccumulatedSeries<number>[];
  rows(plan: PlannedQuery, name: string, make: RowsMake["field"], byDay: boolean): RowsOfNumber;
};

export function sumOf(measure: Measure, components: Components, filters: readonly Filter[] = []): Quantity {
  return {
    counted: { reads: "amounts", measure, componentsBelow: componentAfter(components) },
    filters,
    windowDays: 1,
    numbers: (sums, name) =>
      sums
        .amounts(name)
        .series()
        .map((series) => ({
          ...series,
          windows: series.windows.map((sum) => totalOf(sum, components)),
          total: totalOf(series.total, components),
        })),
    rows: (plan, name, make) => factRows(plan, name, make, { components }),
  };
}

export function distinctUsersOf(measure: Measure, windowDays: 1 | 7 | 30 = 1): Quantity {
  return {
    counted: { reads: "users", measure },
    filters: [],
    windowDays,
    numbers: (sums, name) =>
      sums
        .users(name)
        .series()
        .map((series) => ({ ...series, windows: series.windows.map(({ size }) => size), total: series.total.size })),
    rows: (plan, name, make, byDay) => userRows(plan, name, make, { byDay }),
  };
}

/** @returns the series of a metric that is one quantity */
export function seriesOfQuantity<Name extends string>(
  quantity: Quantity,
  sums: AccumulatorsByName<Name>,
  name: Name,
): readonly MetricSeries[] {
  return quantity.numbers(sums, name).map(({ key, by, windows, total }) => ({
    key,
    by: by as Readonly<Record<string, string>>,
    points: windows.map((value) => ({ value })),
    total: { value: total },
  }));
}
