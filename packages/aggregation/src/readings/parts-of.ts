import type { Outline } from "../outline.ts";
import type { PartRequest } from "../part.ts";
import { partsOfLifecycle } from "./lifecycle.ts";
import { partsOfPeak } from "./peak.ts";
import { partsOfQuotient } from "./quotient.ts";
import { partsOfSatisfaction } from "./satisfaction.ts";
import { componentsBelow } from "./vector-reading.ts";

/** @returns what must be counted to read a metric, in the order in which its reading takes it */
export function partsOf(outline: Outline): readonly PartRequest[] {
  const { metric, query, buckets, total } = outline;
  const { reading } = metric;
  const { by, filters } = query;
  switch (reading.kind) {
    case "quotient":
      return partsOfQuotient(outline, reading);
    case "lifecycle":
      return partsOfLifecycle(outline, reading);
    case "peak":
      return partsOfPeak(outline, reading);
    case "satisfaction":
      return partsOfSatisfaction(outline);
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
