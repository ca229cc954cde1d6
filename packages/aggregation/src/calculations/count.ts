import { dimensionsWithClock, type Measure } from "../measure.ts";
import type { Calculation } from "./calculation.ts";
import type { Components } from "./components.ts";
import { seriesOfQuantity, sumOf } from "./quantity.ts";
import { subQueryOfBuckets } from "./sub-query-of-buckets.ts";

/** A sum of amounts. */
export function count(measure: Measure, components: Components): Calculation<"amounts"> {
  const quantity = sumOf(measure, components);
  return {
    description: "count",
    measures: [measure],
    dimensions: dimensionsWithClock(measure),
    parameter: null,
    finestGranularity: "minute",
    isAdditive: true,
    emptyValue: { value: 0 },
    kind: () => "count",
    subQueries: (resolved) => [subQueryOfBuckets(resolved, "amounts", quantity.counted)],
    series: (_, sums) => seriesOfQuantity(quantity, sums, "amounts"),
    rows: (plan) => quantity.rows(plan, "amounts", "value", false),
  };
}
