import type { Segment } from "@trinity/aggregation/segment";
import { ok, type Result } from "@trinity/runtime/result";
import { z } from "zod";
import type { ApiProblem } from "./api-problem.ts";
import { overflowed, reportedNumber } from "./metric-answer.ts";
import { instantText, parseOptionalSegment, parseRange, type Range, segmentText, timeZoneRule, timeZoneText } from "./metric-question.ts";

export const segmentQuestion = z.strictObject({
  from: instantText,
  to: instantText.describe("First instant after the range; how active users are shows in the 28 days before it."),
  segment: segmentText.optional(),
  tz: timeZoneText.default("UTC").describe(`Time zone of dates in \`from\` and \`to\`. ${timeZoneRule}`),
});

const number = z.strictObject(reportedNumber);

export const segmentAnswer = z.strictObject({
  users: z.int().describe("Everybody there is."),
  attributes: z.array(z.strictObject({ attribute: z.string(), values: z.array(z.strictObject({ value: z.string(), users: z.int() })) })),
  segment: z
    .strictObject({
      users: z.int(),
      complement: z.int(),
      metrics: z.array(z.strictObject({ metric: z.string(), unit: z.string(), segment: number, complement: number })),
    })
    .nullable()
    .describe("With `segment`: every metric about users for it, and for everybody else, over the range."),
  overflowed,
});

type SegmentScope = Range & { readonly timeZone: string; readonly segment?: Segment };

export function parseSegmentQuestion(input: z.output<typeof segmentQuestion>): Result<SegmentScope, ApiProblem> {
  const range = parseRange(input);
  if (!range.ok) return range;
  const segment = parseOptionalSegment(input.segment);
  return segment.ok ? ok({ ...range.value, timeZone: input.tz, ...segment.value }) : segment;
}
