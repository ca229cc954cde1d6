import type { DimensionName } from "@trinity/aggregation/dimension";
import type { Filter } from "@trinity/aggregation/metric-query";
import { ok, type Result } from "@trinity/runtime/result";
import { z } from "zod";
import { type ApiProblem, invalidInput } from "./api-problem.ts";
import { filterTexts, parseFilters } from "./filter-text.ts";
import { instantText, parseRange, type Range, timeZoneRule, timeZoneText } from "./metric-question.ts";

/** What questions over a range have in common. */
export const scopeQuestion = {
  from: instantText.describe("First instant of the range: an RFC 3339 instant, or a date, which means its first instant in `tz`."),
  to: instantText.describe("First instant after the range."),
  tz: timeZoneText.default("UTC").describe(`Time zone of hours and days, and of dates in \`from\` and \`to\`. ${timeZoneRule}`),
  filter: filterTexts.default([]),
};

export const limitNumber = (usual: number) => z.int().min(1).max(200).default(usual);

export type Scope = Range & { readonly timeZone: string; readonly filters: readonly Filter[] };

/** @param dimensions that can be filtered by */
export function parseScope(
  input: { readonly from: string; readonly to: string; readonly tz: string; readonly filter: readonly string[] },
  dimensions: readonly DimensionName[],
): Result<Scope, ApiProblem> {
  const range = parseRange(input);
  if (!range.ok) return range;
  const filters = parseFilters(input.filter);
  if (!filters.ok) return invalidInput(filters.error);
  const strange = filters.value.find(({ dimension }) => !dimensions.includes(dimension));
  if (strange === undefined) return ok({ ...range.value, timeZone: input.tz, filters: filters.value });
  const message = `${strange.dimension} is none of ${dimensions.join(", ")}, by which this can be filtered`;
  return invalidInput({ path: "filter", message });
}
