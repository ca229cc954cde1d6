import type { DimensionName } from "@trinity/aggregation/dimension";
import type { QuestionScope } from "@trinity/query/answer-metrics";
import { z } from "zod";
import { filterTexts, parseFilters } from "./filter-text.ts";
import { instantText, parseRange, timeZoneRule, timeZoneText } from "./metric-question.ts";
import type { Refusal } from "./refusal.ts";

/** What questions over a range have in common. */
export const scopeQuestion = {
  from: instantText.describe("First instant of the range: an RFC 3339 instant, or a date, which means its first instant in `tz`."),
  to: instantText.describe("First instant after the range."),
  tz: timeZoneText.default("UTC").describe(`Time zone of hours and days, and of dates in \`from\` and \`to\`. ${timeZoneRule}`),
  filter: filterTexts.default([]),
};

export const limitNumber = (usual: number) => z.int().min(1).max(200).default(usual);

/** @param dimensions that can be filtered by */
export function parseScope(
  input: { readonly from: string; readonly to: string; readonly tz: string; readonly filter: readonly string[] },
  dimensions: readonly DimensionName[],
): QuestionScope | Refusal {
  const range = parseRange(input);
  if ("slug" in range) return range;
  const filters = parseFilters(input.filter);
  if ("message" in filters) return { slug: "invalid-input", errors: [filters] };
  const strange = filters.find(({ dimension }) => !dimensions.includes(dimension));
  if (strange !== undefined) {
    const message = `${strange.dimension} is none of ${dimensions.join(", ")}, by which this can be filtered`;
    return { slug: "invalid-input", errors: [{ path: "filter", message }] };
  }
  return { ...range, timeZone: input.tz, filters };
}

export function rangeOf({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}
