import type { AmountSum } from "../amount-sum.ts";
import { dimensionsWithClock, type Measure } from "../measure.ts";
import { type MetricValue, ratioOf } from "../metric-value.ts";
import { proportionOf } from "../proportion.ts";
import { factRows } from "../rows/rows-of-number.ts";
import { amountSeries } from "./amount-series.ts";
import type { Calculation } from "./calculation.ts";
import { componentAfter, totalOf } from "./components.ts";
import { subQueryOfBuckets } from "./sub-query-of-buckets.ts";

type RatioComponents = { readonly numerator: readonly number[]; readonly denominator: readonly number[] };

/** A ratio of two sums of one measure. */
export function ratio(measure: Measure, components: RatioComponents): Calculation<"amounts"> {
  return ratioOfSums(measure, components, "ratio", (numerator, denominator) => ({ ...ratioOf(numerator, denominator), interval: null }));
}

/** A ratio whose numerator counts some of what the denominator counts: only such a ratio has a 95 % interval. */
export function share(measure: Measure, components: RatioComponents): Calculation<"amounts"> {
  return ratioOfSums(measure, components, "share, with a 95 % interval", proportionOf);
}

function ratioOfSums(
  measure: Measure,
  components: RatioComponents,
  description: string,
  divide: (numerator: number, denominator: number) => MetricValue,
): Calculation<"amounts"> {
  const { numerator, denominator } = components;
  const valueFrom = (sum: AmountSum) => divide(totalOf(sum, numerator), totalOf(sum, denominator));
  const componentsBelow = componentAfter([...numerator, ...denominator]);
  return {
    description,
    measures: [measure],
    dimensions: dimensionsWithClock(measure),
    parameter: null,
    finestGranularity: "minute",
    isAdditive: true,
    emptyValue: { value: null, numerator: 0, denominator: 0, interval: null },
    kind: () => "ratio",
    subQueries: (resolved) => [subQueryOfBuckets(resolved, "amounts", { reads: "amounts", measure, componentsBelow })],
    series: (_, sums) => amountSeries(sums, "amounts", valueFrom),
    rows: (plan, side) => factRows(plan, "amounts", side, { components: components[side] }),
  };
}
