import type { AmountSum } from "../amount-sum.ts";
import { binsMax, quantileOf } from "../histogram.ts";
import { dimensionsWithClock, type Measure } from "../measure.ts";
import type { Statistic } from "../metric-query.ts";
import type { MetricValue } from "../metric-value.ts";
import { factRows } from "../rows/rows-of-number.ts";
import { amountSeries } from "./amount-series.ts";
import type { Calculation } from "./calculation.ts";
import { componentAfter, totalOf } from "./components.ts";
import { subQueryOfBuckets } from "./sub-query-of-buckets.ts";

/** The components of a histogram, and how many of the measure's units make one of the metric's. */
type HistogramComponents = { readonly count: number; readonly sum: number; readonly bin0: number; readonly perUnit: number };

/** A mean or a quantile of observed values. */
export function distribution(measure: Measure, components: HistogramComponents): Calculation<"amounts"> {
  return {
    description: "distribution: a mean, or a quantile (`stat`)",
    measures: [measure],
    dimensions: dimensionsWithClock(measure),
    parameter: "statistic",
    finestGranularity: "minute",
    isAdditive: true,
    emptyValue: { value: null, count: 0 },
    kind: (unit) => (unit === "ms" ? "duration" : "distribution"),
    subQueries: (resolved) => {
      const componentsBelow = componentsBelowOf(components, resolved.query.statistic);
      return [subQueryOfBuckets(resolved, "amounts", { reads: "amounts", measure, componentsBelow })];
    },
    series: ({ query }, sums) => amountSeries(sums, "amounts", (sum) => valueFrom(sum, components, query.statistic)),
    rows: (plan) => factRows(plan, "amounts", "count", { components: [components.count], measured: components }),
  };
}

// The bins come after the counts, and a mean needs none of them.
function componentsBelowOf({ count, sum, bin0 }: HistogramComponents, statistic: Statistic): number {
  return statistic === "mean" ? componentAfter([count, sum]) : bin0 + binsMax;
}

function valueFrom(amounts: AmountSum, components: HistogramComponents, statistic: Statistic): MetricValue {
  const count = totalOf(amounts, [components.count]);
  return { value: count === 0 ? null : statisticOf(amounts, components, statistic, count), count };
}

function statisticOf(amounts: AmountSum, { sum, bin0, perUnit }: HistogramComponents, statistic: Statistic, count: number): number | null {
  if (statistic === "mean") return totalOf(amounts, [sum]) / count / perUnit;
  const quantile = quantileOf(amounts, bin0, Number(statistic.slice(1)) / 100);
  return quantile === null ? null : quantile / perUnit;
}
