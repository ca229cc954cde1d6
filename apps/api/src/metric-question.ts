import { dimensionNames } from "@trinity/aggregation/dimension";
import { findMetric } from "@trinity/aggregation/metric-catalogue";
import { type MetricQuery, statistics } from "@trinity/aggregation/metric-query";
import { type Segment, userAttributes } from "@trinity/aggregation/segment";
import { parseSegment } from "@trinity/aggregation/segment-text";
import { failed, ok, type Result } from "@trinity/runtime/result";
import { z } from "zod";
import { type ApiProblem, invalidInput } from "./api-problem.ts";
import { filterTexts, parseFilters } from "./filter-text.ts";
import { parseInstant, parseTimeZone } from "./instant.ts";

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
    `Only facts of these users: \`attribute:value[,value]\` joined by \`&\`, \`|\`, \`!\` and parentheses; attributes are ${userAttributes.join(", ")}. A value with a blank, a double quote or one of \`& | ! ( ) , :\` must be in double quotes; write a double quote inside as two.`,
  );

function parseSegmentText(text: string): Result<Segment, ApiProblem> {
  const segment = parseSegment(text);
  return segment.ok ? segment : invalidInput({ path: "segment", message: segment.error.message });
}

/** @returns the segment as a question takes it: absent where none was sent */
export function parseOptionalSegment(text: string | undefined): Result<{ readonly segment?: Segment }, ApiProblem> {
  if (text === undefined) return ok({});
  const segment = parseSegmentText(text);
  return segment.ok ? ok({ segment: segment.value }) : segment;
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

/** @returns the query of the planner */
export function parseQuestion(question: MetricQuestion): Result<MetricQuery, ApiProblem> {
  if (findMetric(question.metric) === undefined) return failed(noSuchMetric);
  const range = parseRange(question);
  if (!range.ok) return range;
  const filters = parseFilters(question.filter);
  if (!filters.ok) return invalidInput(filters.error);
  const segment = parseOptionalSegment(question.segment);
  if (!segment.ok) return segment;
  const { metric, granularity, by, tz: timeZone, stat: statistic, window: windowDays } = question;
  return ok({ metric, ...range.value, granularity, by, filters: filters.value, timeZone, statistic, windowDays, ...segment.value });
}

const noSuchMetric: ApiProblem = {
  slug: "not-found",
  detail: "There is no such metric: `GET /api/v1/metrics` lists those there are.",
};

export type Range = { readonly fromMs: number; readonly toMs: number };

/** @returns the range in Unix milliseconds, `toMs` exclusive */
export function parseRange({
  from,
  to,
  tz,
}: {
  readonly from: string;
  readonly to: string;
  readonly tz: string;
}): Result<Range, ApiProblem> {
  const calendar = parseTimeZone(tz);
  if (calendar === null) return invalidInput({ path: "tz", message: notATimeZone });
  const fromMs = parseInstant(from, calendar);
  const toMs = parseInstant(to, calendar);
  const wrong = [...(fromMs === null ? ["from"] : []), ...(toMs === null ? ["to"] : [])];
  if (fromMs === null || toMs === null) return invalidInput(...wrong.map((path) => ({ path, message: notAnInstant })));
  if (fromMs >= toMs) return invalidInput({ path: "to", message: "must be after from" });
  return ok({ fromMs, toMs });
}
