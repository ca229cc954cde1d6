import { contextNames } from "@trinity/aggregation/event-dimensions";
import { cohortUnits, type RetentionQuery, retentionKinds } from "@trinity/aggregation/retention";
import { answerOverview } from "@trinity/query/answer-overview";
import { answerRetention } from "@trinity/query/answer-retention";
import { z } from "zod";
import { activityFilterProblem } from "./activity-filters.ts";
import { withPeriods } from "./checked-range.ts";
import { filterTexts, parseFilters } from "./filter-text.ts";
import { instantText, parseRange, parseSegmentText, segmentText, timeZoneRule, timeZoneText } from "./metric-question.ts";
import { overviewAnswer, showOverview } from "./overview.ts";
import { behaviorOverview } from "./overviews.ts";
import { countedQuestion, question } from "./question.ts";
import { accepted, type Refusal } from "./refusal.ts";
import { parseScope, scopeQuestion } from "./scope-question.ts";
import { answerSegment, segmentAnswer, segmentQuestion } from "./segment-answer.ts";
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
});

export const usersRouter = router({
  behavior: question(
    {
      permission: "metrics:read",
      rest: { method: "GET", path: "/users/behavior", aliases: ["/analytics/users/behavior"] },
      summary: "Gives who comes, who stays and what a visit is like, each number beside the period before.",
      answer: overviewAnswer,
    },
    { ...scopeQuestion, segment: segmentText.optional() },
  ).query(async ({ ctx, input }) => {
    const segment = input.segment === undefined ? {} : { segment: accepted(parseSegmentText(input.segment)) };
    const scope = { ...accepted(parseScope(input, contextNames)), ...segment };
    return showOverview(scope, behaviorOverview, accepted(await answerOverview(ctx.store, scope, behaviorOverview, ctx.clock.nowMs())));
  }),

  retention: countedQuestion(
    {
      permission: "metrics:read",
      rest: { method: "GET", path: "/users/retention" },
      summary: "Tells how many of those who came in a period come back in later ones.",
      answer: retentionAnswer,
    },
    { counts: [{ metric: "active_users" }], checkedRange: withPeriods },
    retentionQuestion.shape,
  ).query(async ({ ctx, input }) => {
    const query = accepted(parseRetention(input));
    const { cohorts, asOfMs, revision, source } = accepted(await answerRetention(ctx.store, query, ctx.clock.nowMs()));
    const shown = cohorts.map(({ startMs, ...cohort }) => ({ start: new Date(startMs).toISOString(), ...cohort }));
    return { cohorts: shown, asOf: new Date(asOfMs).toISOString(), revision, source };
  }),

  segments: question(
    {
      permission: "metrics:read",
      rest: { method: "GET", path: "/users/segments" },
      summary: "Says who users are by each attribute, and how a segment of them differs from all others.",
      answer: segmentAnswer,
    },
    segmentQuestion.shape,
  ).query(({ ctx, input }) => answerSegment(ctx, input)),
});

function parseRetention({ cohort, kind, periods, ...input }: z.output<typeof retentionQuestion>): RetentionQuery | Refusal {
  const range = parseRange(input);
  if ("slug" in range) return range;
  const filters = parseFilters(input.filter);
  if ("message" in filters) return { slug: "invalid-input", errors: [filters] };
  const problem = activityFilterProblem(filters);
  if (problem !== null) return { slug: "invalid-input", errors: [problem] };
  const segment = input.segment === undefined ? undefined : parseSegmentText(input.segment);
  if (segment !== undefined && "slug" in segment) return segment;
  return { ...range, cohort, kind, periods, timeZone: input.tz, filters, ...(segment === undefined ? {} : { segment }) };
}
