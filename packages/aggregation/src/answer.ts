import type { Accumulator } from "./accumulator.ts";
import { amountAccumulator, userAccumulator } from "./accumulators.ts";
import { seriesOfLifecycle } from "./calculations/lifecycle.ts";
import { seriesOfPeak } from "./calculations/peak.ts";
import { seriesOfQuotient } from "./calculations/quotient.ts";
import { satisfactionFormula, seriesOfSatisfaction } from "./calculations/satisfaction.ts";
import { seriesOfVectors } from "./calculations/vector-calculation.ts";
import type { MetricSeries, MetricValue } from "./metric-value.ts";
import type { Plan } from "./plan.ts";

export type Point = MetricValue & {
  readonly start: string;
  /** True while the bucket is not over, or when the range cuts it. */
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
   * Dimensions of the question of which `other` holds facts in the range: it is where values beyond a limit are counted, so facts under a
   * value that is named may be missing from it. Absent where there are none.
   */
  readonly overflowed?: readonly string[];
  /** How a score is worked out. */
  readonly formula?: string;
};

/** @returns the one total of an answer that was not asked by any dimension */
export function totalOf({ totals: [total] }: MetricAnswer): MetricValue {
  if (total === undefined) throw new RangeError("an answer has a line for each value of the dimensions it was asked by");
  const { by: _, ...reported } = total;
  return reported;
}

/**
 * Turns what tallies gathered into the answer.
 * @param accumulators one for each part of the plan, in order
 */
export function answerOf(plan: Plan, accumulators: readonly Accumulator[], overflowed: readonly string[] = []): MetricAnswer {
  const { metric, query, buckets } = plan;
  const seriesList = seriesOf(plan, accumulators);
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
    ...(metric.calculation.kind === "satisfaction" ? { formula: satisfactionFormula } : {}),
  };
}

function seriesOf(plan: Plan, accumulators: readonly Accumulator[]): readonly MetricSeries[] {
  const { calculation } = plan.metric;
  switch (calculation.kind) {
    case "distinct":
      return userAccumulator(accumulators, 0)
        .series()
        .map(({ key, by, windows, total }) => ({
          key,
          by: by as Readonly<Record<string, string>>,
          points: windows.map(({ size }) => ({ value: size })),
          total: { value: total.size },
        }));
    case "quotient":
      return seriesOfQuotient(plan, calculation, accumulators);
    case "lifecycle":
      return seriesOfLifecycle(plan, calculation, [
        userAccumulator(accumulators, 0),
        userAccumulator(accumulators, 1),
        userAccumulator(accumulators, 2),
      ]);
    case "peak":
      return seriesOfPeak(plan, [amountAccumulator(accumulators, 0), amountAccumulator(accumulators, 1)]);
    case "satisfaction":
      return seriesOfSatisfaction(plan, [amountAccumulator(accumulators, 0), amountAccumulator(accumulators, 1)]);
    default:
      return seriesOfVectors(calculation, plan.query.statistic, amountAccumulator(accumulators, 0));
  }
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
