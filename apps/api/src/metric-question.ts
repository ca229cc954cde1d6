import { dimensionNames } from "@trinity/aggregation/dimension";
import { findMetric } from "@trinity/aggregation/metric-catalogue";
import { type MetricQuery, statistics } from "@trinity/aggregation/metric-query";
import { type Segment, userAttributes } from "@trinity/aggregation/segment";
import { isSegmentProblem, parseSegment } from "@trinity/aggregation/segment-text";
import { z } from "zod";
import { filterTexts, parseFilters } from "./filter-text.ts";
import { parseInstant, parseTimeZone } from "./instant.ts";
import type { Refusal } from "./refusal.ts";

const notAnInstant = "must be a date (2026-11-22) or an RFC 3339 instant with an offset (2026-11-22T20:15:00Z)";
const notATimeZone = "must be a time zone of the IANA database, such as Europe/Madrid, or an offset, such as +02:00 (in a URL %2B02:00)";

export const instantText = z.string().max(40, notAnInstant);
/** What `tz` may be, in a sentence of the documentation. */
export const timeZoneRule = "A name of the IANA database, or an offset such as `+02:00` (in a URL `%2B02:00`).";
export const timeZoneText = z.string().min(1, notATimeZone).max(64, notATimeZone);
export const segmentText = z
  .string()
  .min(1)
  .max(2_000)
  .describe(
    `Only facts of these users: \`attribute:value[,value]\` joined by \`&\`, \`|\`, \`!\` and parentheses; attributes are ${userAttributes.join(", ")}. A value with blanks or signs stands in double quotes, a quote inside is written twice.`,
  );

export function parseSegmentText(text: string): Segment | Refusal {
  const segment = parseSegment(text);
  if (!isSegmentProblem(segment)) return segment;
  return { slug: "invalid-input", errors: [{ path: "segment", message: segment.message }] };
}

/** One question about one metric, as it is asked over tRPC and REST. */
export const metricQuestion = z.strictObject({
  metric: z.string().min(1).max(64).describe("A name from the catalogue of metrics."),
  from: instantText.describe("First instant of the range: an RFC 3339 instant, or a date, which means its first instant in `tz`."),
  to: instantText.describe("First instant after the range."),
  granularity: z.enum(["minute", "hour", "day", "week", "month", "total"]).default("day").describe("Length of the buckets."),
  by: z.array(z.enum(dimensionNames)).max(2).default([]).describe("Up to two dimensions to break the number down by."),
  filter: filterTexts.default([]),
  tz: timeZoneText.default("UTC").describe(`Time zone of days, weeks and months, and of dates in \`from\` and \`to\`. ${timeZoneRule}`),
  stat: z.enum(statistics).default("mean").describe("Which statistic of a duration."),
  window: z
    .literal([1, 7, 30])
    .default(1)
    .describe("Of distinct counts such as `active_users`: how many days, ending with the bucket, are counted together."),
  segment: segmentText.optional(),
  compare: z
    .literal("previous")
    .optional()
    .describe("Adds the period just before: as many months, days or milliseconds, and as unfinished as the range itself."),
});
export type MetricQuestion = z.output<typeof metricQuestion>;

/** @returns the planner's query; a refusal where the text means nothing */
export function parseQuestion(question: MetricQuestion): MetricQuery | Refusal {
  if (findMetric(question.metric) === undefined) return noSuchMetric;
  const range = parseRange(question);
  if ("slug" in range) return range;
  const filters = parseFilters(question.filter);
  if ("message" in filters) return { slug: "invalid-input", errors: [filters] };
  const segment = question.segment === undefined ? undefined : parseSegmentText(question.segment);
  if (segment !== undefined && "slug" in segment) return segment;
  const { metric, granularity, by, tz: timeZone, stat: statistic, window: windowDays } = question;
  return { metric, ...range, granularity, by, filters, timeZone, statistic, windowDays, ...(segment === undefined ? {} : { segment }) };
}

export const noSuchMetric: Refusal = { slug: "not-found", detail: "There is no such metric: `GET /api/v1/metrics` lists those there are." };

/** @returns the range in Unix milliseconds */
export function parseRange({
  from,
  to,
  tz,
}: {
  readonly from: string;
  readonly to: string;
  readonly tz: string;
}): { readonly fromMs: number; readonly toMs: number } | Refusal {
  const calendar = parseTimeZone(tz);
  if (calendar === null) return { slug: "invalid-input", errors: [{ path: "tz", message: notATimeZone }] };
  const fromMs = parseInstant(from, calendar);
  const toMs = parseInstant(to, calendar);
  const wrong = [...(fromMs === null ? ["from"] : []), ...(toMs === null ? ["to"] : [])];
  if (fromMs === null || toMs === null) return { slug: "invalid-input", errors: wrong.map((path) => ({ path, message: notAnInstant })) };
  if (fromMs >= toMs) return { slug: "invalid-input", errors: [{ path: "to", message: "must be after from" }] };
  return { fromMs, toMs };
}
