import { contextNames } from "@trinity/aggregation/event-dimensions";
import { cohortUnits, type RetentionQuery, retentionKinds } from "@trinity/aggregation/retention";
import { ok, type Result } from "@trinity/runtime/result";
import { z } from "zod";
import { activityFilterProblem } from "./activity-filters.ts";
import { type ApiProblem, invalidInput, parsed } from "./api-problem.ts";
import { ask, freshnessOf, overflowOf, shown } from "./ask.ts";
import { filterTexts, parseFilters } from "./filter-text.ts";
import { overflowed } from "./metric-answer.ts";
import { instantText, parseOptionalSegment, parseRange, segmentText, timeZoneRule, timeZoneText } from "./metric-question.ts";
import { overviewAnswer } from "./overview-answer.ts";
import { behaviorOverview } from "./overviews.ts";
import { question } from "./question.ts";
import { parseScope, scopeQuestion } from "./scope-question.ts";
import { parseSegmentQuestion, segmentAnswer, segmentQuestion } from "./segment-answer.ts";
import { router } from "./trpc.ts";

const retentionQuestion = z.strictObject({
  from: instantText.describe("Cohorts are the whole periods that the range touches."),
  to: instantText.describe("First instant after the range."),
  cohort: z.enum(cohortUnits).default("week").describe("Which period of the first event makes a cohort; weeks are those of ISO 8601."),
  kind: z
    .enum(retentionKinds)
    .default("classic")
    .describe("`classic`: active in the n-th period after the first; `rolling`: active in it or later."),
  periods: z.int().min(1).max(400).default(8).describe("How many periods after the first are looked at."),
  filter: filterTexts.default([]).describe("Which activity counts as coming back, such as `eventType:vote_content`."),
  segment: segmentText.optional(),
  tz: timeZoneText.default("UTC").describe(`Time zone of the periods, and of dates in \`from\` and \`to\`. ${timeZoneRule}`),
});

const retentionAnswer = z.strictObject({
  cohorts: z.array(
    z.strictObject({
      start: z.iso.datetime(),
      size: z.int().describe("Users whose first event ever lies in the period."),
      periods: z.array(
        z.strictObject({
          n: z.int(),
          numerator: z
            .int()
            .nullable()
            .describe(
              "Users of the cohort who were active in the period n after; `null` before that period begins: nobody can have come back yet.",
            ),
          denominator: z.int(),
          complete: z.boolean().describe("False while the period is not over: its numerator may still grow."),
        }),
      ),
    }),
  ),
  asOf: z.iso.datetime().describe("Everything acknowledged before this instant is in the answer."),
  revision: z.int(),
  source: z.enum(["rollups", "log"]),
  overflowed,
});

export const usersRouter = router({
  behavior: question(
    {
      kind: "overview",
      rest: { method: "GET", path: "/users/behavior", aliases: ["/analytics/users/behavior"] },
      summary: "Gives who comes, who stays and what a visit is like, each number beside the period before.",
      answer: overviewAnswer,
    },
    { ...scopeQuestion, segment: segmentText.optional() },
  ).query(async ({ ctx, input }) => {
    const segment = parsed(parseOptionalSegment(input.segment));
    const scope = { ...parsed(parseScope(input, contextNames)), ...segment };
    return shown(await ask(ctx, { kind: "overview", scope, numbers: behaviorOverview }));
  }),

  retention: question(
    {
      kind: "retention",
      rest: { method: "GET", path: "/users/retention" },
      summary: "Tells how many of those who came in a period come back in later ones.",
      answer: retentionAnswer,
    },
    retentionQuestion.shape,
  ).query(async ({ ctx, input }) => {
    const answer = await ask(ctx, { kind: "retention", ...parsed(parseRetention(input)) });
    return { ...answer.data, ...freshnessOf(answer), source: answer.source, ...overflowOf(answer) };
  }),

  segments: question(
    {
      kind: "segment",
      rest: { method: "GET", path: "/users/segments" },
      summary: "Says who users are by each attribute, and how a segment of them differs from all others.",
      answer: segmentAnswer,
    },
    segmentQuestion.shape,
  ).query(async ({ ctx, input }) => {
    const answer = await ask(ctx, { kind: "segment", ...parsed(parseSegmentQuestion(input)) });
    return { ...answer.data, ...overflowOf(answer) };
  }),
});

function parseRetention({
  cohort,
  kind: retentionKind,
  periods,
  ...input
}: z.output<typeof retentionQuestion>): Result<RetentionQuery, ApiProblem> {
  const range = parseRange(input);
  if (!range.ok) return range;
  const filters = parseFilters(input.filter);
  if (!filters.ok) return invalidInput(filters.error);
  const problem = activityFilterProblem(filters.value);
  if (problem !== null) return invalidInput(problem);
  const segment = parseOptionalSegment(input.segment);
  if (!segment.ok) return segment;
  return ok({ ...range.value, cohort, retentionKind, periods, timeZone: input.tz, filters: filters.value, ...segment.value });
}
