import { contextNames } from "@trinity/aggregation/event-dimensions";
import type { Filter } from "@trinity/aggregation/metric-query";
import { type FilterProblem, parseFilters } from "./filter-text.ts";

/** Reads filters of questions about what people do, which only know the circumstances of an event. */
export function parseContextFilters(texts: readonly string[]): readonly Filter[] | FilterProblem {
  const filters = parseFilters(texts);
  if ("message" in filters) return filters;
  const strange = filters.find(({ dimension }) => !contextNames.some((name) => name === dimension));
  if (strange === undefined) return filters;
  return { path: "filter", message: `cannot be by ${strange.dimension}, only by ${contextNames.join(", ")}` };
}
