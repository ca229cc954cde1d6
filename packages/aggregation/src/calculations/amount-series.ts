import type { AccumulatorsByName } from "../accumulators.ts";
import type { AmountSum } from "../amount-sum.ts";
import type { MetricSeries, MetricValue } from "../metric-value.ts";

/** @returns the series of a metric that is computed from one sum a bucket */
export function amountSeries<Name extends string>(
  sums: AccumulatorsByName<Name>,
  name: Name,
  valueFrom: (sum: AmountSum) => MetricValue,
): readonly MetricSeries[] {
  return sums
    .amounts(name)
    .series()
    .map(({ key, by, windows, total }) => ({ key, by, points: windows.map(valueFrom), total: valueFrom(total) }));
}
