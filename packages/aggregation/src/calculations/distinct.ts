import { dimensionsWithClock, type Measure } from "../measure.ts";
import type { Calculation } from "./calculation.ts";
import { distinctUsersOf, seriesOfQuantity } from "./quantity.ts";
import { subQueryOfBuckets } from "./sub-query-of-buckets.ts";

/** How many distinct users there are. */
export function distinct(measure: Measure): Calculation<"users"> {
  const quantity = distinctUsersOf(measure);
  return {
    description: "exact distinct count, over 1, 7 or 30 days (`window`)",
    measures: [measure],
    dimensions: dimensionsWithClock(measure),
    parameter: "windowDays",
    finestGranularity: "minute",
    isAdditive: false,
    emptyValue: { value: 0 },
    kind: () => "distinct",
    subQueries: (resolved) => [subQueryOfBuckets(resolved, "users", quantity.counted)],
    series: (_, sums) => seriesOfQuantity(quantity, sums, "users"),
    rows: (plan) => quantity.rows(plan, "users", "value", false),
  };
}
