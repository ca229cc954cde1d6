import type { AccumulatorsByName } from "../accumulators.ts";
import type { DimensionName } from "../dimension.ts";
import type { Measure } from "../measure.ts";
import type { MetricSeries, MetricValue } from "../metric-value.ts";
import type { PlannedQuery, ResolvedQuery } from "../resolved-query.ts";
import type { RatioSide, RowsOfNumber } from "../rows/rows-of-number.ts";
import type { SubQuery } from "../sub-query.ts";

/** What a caller needs to know of a metric to show it. */
export const metricKinds = ["count", "ratio", "duration", "distribution", "distinct", "peak", "score"] as const;
type MetricKind = (typeof metricKinds)[number];

/**
 * One way to compute a metric from the sums of its sub-queries. A file here declares one, with everything that depends on it; `SubQueryName`
 * lists the names by which it finds its sums again.
 */
export type Calculation<SubQueryName extends string = string> = {
  /** In one phrase, for the reference page. */
  readonly description: string;
  /** The measures that are read; the first is what the number is mainly about. */
  readonly measures: readonly [Measure, ...Measure[]];
  /** What the number can be broken down and filtered by. */
  readonly dimensions: readonly DimensionName[];
  /** The parameter of a query that only this way of computing reads. */
  readonly parameter: "statistic" | "windowDays" | null;
  /** The shortest buckets that a query may ask for. */
  readonly finestGranularity: "minute" | "day";
  /** True if the counts of a range are the sums of the counts of its parts. */
  readonly isAdditive: boolean;
  /** The value when nothing was counted. It has a numerator only if rows can be asked for by side of the ratio. */
  readonly emptyValue: MetricValue;
  /** How a score is computed, for readers of an answer. */
  readonly formula?: string;
  kind(unit: string): MetricKind;
  /** @returns what must be counted, each sub-query under its own name */
  subQueries(resolved: ResolvedQuery): readonly SubQuery<SubQueryName>[];
  series(resolved: ResolvedQuery, sums: AccumulatorsByName<SubQueryName>): readonly MetricSeries[];
  /**
   * @param plan of a query without `by`, with its range as the only bucket
   * @param side of a ratio, else it is not looked at
   */
  rows(plan: PlannedQuery<SubQueryName>, side: RatioSide): RowsOfNumber;
};
