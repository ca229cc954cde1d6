import type { Granularity } from "./calendar.ts";
import { type DimensionName, type Dimensions, valuesOf } from "./dimension.ts";
import type { Segment } from "./segment.ts";

/** Keeps facts that have one of the values in the dimension, or none of them when `negated`. */
export type Filter = { readonly dimension: DimensionName; readonly values: readonly string[]; readonly negated: boolean };

export const statistics = ["mean", "p50", "p90", "p95", "p99"] as const;
export type Statistic = (typeof statistics)[number];

/** A query for one metric. The range is `[fromMs, toMs)` in Unix milliseconds; of a minute that an end cuts, the log is read. */
export type MetricQuery = {
  /** A name of the catalogue. */
  readonly metric: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly granularity: Granularity;
  readonly by: readonly DimensionName[];
  readonly filters: readonly Filter[];
  /** IANA name; it cuts days, weeks and months. */
  readonly timeZone: string;
  /** Read by distributions only. */
  readonly statistic: Statistic;
  /** Read by distinct counts only: a bucket counts the days that end with it, when more than 1. */
  readonly windowDays: 1 | 7 | 30;
  /** Only facts of users in it count. */
  readonly segment?: Segment;
};

export function passes(filters: readonly Filter[], dimensions: Dimensions): boolean {
  return filters.every(
    ({ dimension, values, negated }) => valuesOf(dimensions, dimension).some((value) => values.includes(value)) !== negated,
  );
}
