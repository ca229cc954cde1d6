import type { Outline } from "../outline.ts";
import type { SubQuery } from "../sub-query.ts";
import { subQueriesOfLifecycle } from "./lifecycle.ts";
import { subQueriesOfPeak } from "./peak.ts";
import { subQueriesOfQuotient } from "./quotient.ts";
import { subQueriesOfSatisfaction } from "./satisfaction.ts";
import { componentsBelow } from "./vector-calculation.ts";

/** @returns what must be counted to read a metric, in the order in which its reading takes it */
export function subQueriesOf(outline: Outline): readonly SubQuery[] {
  const { metric, query, buckets, total } = outline;
  const { calculation } = metric;
  const { by, filters } = query;
  switch (calculation.kind) {
    case "quotient":
      return subQueriesOfQuotient(outline, calculation);
    case "lifecycle":
      return subQueriesOfLifecycle(outline, calculation);
    case "peak":
      return subQueriesOfPeak(outline, calculation);
    case "satisfaction":
      return subQueriesOfSatisfaction(outline);
    case "distinct":
      return [{ reads: "users", measure: metric.measure, by, filters, spans: buckets, total }];
    default:
      return [
        {
          reads: "amounts",
          measure: metric.measure,
          componentsBelow: componentsBelow(calculation, query.statistic),
          by,
          filters,
          spans: buckets,
          total,
        },
      ];
  }
}
