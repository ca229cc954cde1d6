import type { ResolvedQuery } from "../resolved-query.ts";
import type { SubQuery } from "../sub-query.ts";
import { subQueriesOfLifecycle } from "./lifecycle.ts";
import { subQueriesOfPeak } from "./peak.ts";
import { subQueriesOfQuotient } from "./quotient.ts";
import { subQueriesOfSatisfaction } from "./satisfaction.ts";
import { componentsBelow } from "./vector-calculation.ts";

/** @returns what must be counted to read a metric, in the order in which its reading takes it */
export function subQueriesOf(resolved: ResolvedQuery): readonly SubQuery[] {
  const { metric, query, buckets, total } = resolved;
  const { calculation } = metric;
  const { by, filters } = query;
  switch (calculation.kind) {
    case "quotient":
      return subQueriesOfQuotient(resolved, calculation);
    case "lifecycle":
      return subQueriesOfLifecycle(resolved, calculation);
    case "peak":
      return subQueriesOfPeak(resolved, calculation);
    case "satisfaction":
      return subQueriesOfSatisfaction(resolved);
    case "distinct":
      return [{ reads: "users", measure: metric.measure, by, filters, windows: buckets, total }];
    default:
      return [
        {
          reads: "amounts",
          measure: metric.measure,
          componentsBelow: componentsBelow(calculation, query.statistic),
          by,
          filters,
          windows: buckets,
          total,
        },
      ];
  }
}
