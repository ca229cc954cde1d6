import type { Outline } from "../outline.ts";
import type { SubQuery } from "../sub-query.ts";
import { subQueriesOfLifecycle } from "./lifecycle.ts";
import { subQueriesOfPeak } from "./peak.ts";
import { subQueriesOfQuotient } from "./quotient.ts";
import { subQueriesOfSatisfaction } from "./satisfaction.ts";
import { componentsBelow } from "./vector-reading.ts";

/** @returns what must be counted to read a metric, in the order in which its reading takes it */
export function subQueriesOf(outline: Outline): readonly SubQuery[] {
  const { metric, query, buckets, total } = outline;
  const { reading } = metric;
  const { by, filters } = query;
  switch (reading.kind) {
    case "quotient":
      return subQueriesOfQuotient(outline, reading);
    case "lifecycle":
      return subQueriesOfLifecycle(outline, reading);
    case "peak":
      return subQueriesOfPeak(outline, reading);
    case "satisfaction":
      return subQueriesOfSatisfaction(outline);
    case "distinct":
      return [{ reads: "users", measure: metric.measure, by, filters, spans: buckets, total }];
    default:
      return [
        {
          reads: "amounts",
          measure: metric.measure,
          componentsBelow: componentsBelow(reading, query.statistic),
          by,
          filters,
          spans: buckets,
          total,
        },
      ];
  }
}
