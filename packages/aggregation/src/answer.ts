import type { Accumulator } from "./accumulator.ts";
import { AccumulatorsByName } from "./accumulators.ts";
import type { MetricValue } from "./metric-value.ts";
import type { Plan } from "./plan.ts";

export type Point = MetricValue & {
  readonly start: string;
  /** True while the bucket is not over, or if the range cuts it. */
  readonly partial: boolean;
};

export type MetricAnswer = {
  readonly metric: string;
  readonly unit: string;
  readonly from: string;
  readonly to: string;
  readonly granularity: string;
  readonly series: readonly { readonly by: Readonly<Record<string, string>>; readonly points: readonly Point[] }[];
  readonly totals: readonly (MetricValue & { readonly by: Readonly<Record<string, string>> })[];
  /**
   * Dimensions of the query that have facts under `other` in the range. Values beyond a limit are counted there, so named values may miss
   * facts. Absent if there are none.
   */
  readonly overflowed?: readonly string[];
  /** How a score is computed. */
  readonly formula?: string;
};

/** @returns the only total of an answer without `by` */
export function totalOf({ totals: [total] }: MetricAnswer): MetricValue {
  if (total === undefined) throw new RangeError("an answer with `by` has no single total");
  const { by: _, ...reported } = total;
  return reported;
}

/** @param accumulators one for each sub-query of the plan */
export function answerOf(plan: Plan, accumulators: readonly Accumulator[], overflowed: readonly string[] = []): MetricAnswer {
  const { metric, query, buckets } = plan;
  const { formula } = metric.calculation;
  const seriesList = metric.calculation.series(plan, new AccumulatorsByName(accumulators));
  return {
    metric: metric.name,
    unit: metric.unit,
    from: iso(query.fromMs),
    to: iso(query.toMs),
    granularity: query.granularity,
    series: seriesList.map(({ by, points }) => ({
      by,
      points: buckets.map(({ startMs, endMs }, i) => ({
        start: iso(startMs),
        ...(points[i] as MetricValue),
        partial: startMs < query.fromMs || endMs > Math.min(query.toMs, plan.asOfMs),
      })),
    })),
    totals: seriesList.map(({ by, total }) => ({ by, ...total })),
    ...(overflowed.length === 0 ? {} : { overflowed }),
    ...(formula === undefined ? {} : { formula }),
  };
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
