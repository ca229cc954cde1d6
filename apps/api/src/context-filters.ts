import { contextNames } from "@trinity/aggregation/event-dimensions";
import type { Filter } from "@trinity/aggregation/metric-query";
import { failed, type Result } from "@trinity/runtime/result";
import { type FilterProblem, parseFilters } from "./filter-text.ts";

/** Reads filters of questions about what people do, which only know the context of an event. */
export function parseContextFilters(texts: readonly string[]): Result<readonly Filter[], FilterProblem> {
  const filters = parseFilters(texts);
  if (!filters.ok) return filters;
  const strange = filters.value.find(({ dimension }) => !contextNames.some((name) => name === dimension));
  if (strange === undefined) return filters;
  return failed({ path: "filter", message: `cannot be by ${strange.dimension}, only by ${contextNames.join(", ")}` });
}
