import { type DimensionName, valuesOf } from "@trinity/aggregation/dimension";
import { dimensionsOfMetric } from "@trinity/aggregation/metric";
import { findMetric } from "@trinity/aggregation/metric-catalogue";
import { proportionOf } from "@trinity/aggregation/proportion";
import { roomDimensions } from "@trinity/aggregation/room-scope";
import { titleSorts } from "@trinity/aggregation/title-ranking";
import { answerContentPerformance } from "@trinity/query/answer-content-performance";
import { answerContentPreferences, preferenceGroupings } from "@trinity/query/answer-content-preferences";
import { answerContentRejections } from "@trinity/query/answer-content-rejections";
import { answerContentTrends } from "@trinity/query/answer-content-trends";
import { z } from "zod";
import { withPrevious } from "./checked-range.ts";
import { contentPerformanceAnswer, preferencesAnswer, rejectionsAnswer, trendsAnswer } from "./content-answer.ts";
import { parseSegmentText, segmentText } from "./metric-question.ts";
import { countedQuestion } from "./question.ts";
import { accepted } from "./refusal.ts";
import { limitNumber, parseScope, rangeOf, scopeQuestion } from "./scope-question.ts";
import { router } from "./trpc.ts";

/** What votes can be filtered by. */
const voteDimensions = ["votes"].flatMap((name) => findMetric(name) ?? []).flatMap((metric) => dimensionsOfMetric(metric));
/** What titles can be chosen by. */
const titleDimensions: readonly DimensionName[] = ["genre", "mediaType", "releaseDecade", "contentId"];

/** What is counted of titles; all but the acceptance by what titles are. */
const titleMetrics = [{ metric: "positive_rate" }, { metric: "recommendation_acceptance" }];

const smoother = "Seven days that end with the day, pooled: their likes over their votes, and their votes over seven.";

export const contentRouter = router({
  preferences: countedQuestion(
    {
      permission: "metrics:read",
      rest: { method: "GET", path: "/content/preferences", aliases: ["/analytics/content/preferences"] },
      summary: "Ranks genres by how much they are liked, so that few votes never come first.",
      answer: preferencesAnswer,
    },
    { counts: [{ metric: "positive_rate", by: ["genre"] }] },
    { ...scopeQuestion, by: z.enum(preferenceGroupings).optional(), segment: segmentText.optional() },
  ).query(async ({ ctx, input }) => {
    const scope = accepted(parseScope(input, voteDimensions));
    const segment = input.segment === undefined ? {} : { segment: accepted(parseSegmentText(input.segment)) };
    const { overall, preferences, ...present } = accepted(
      await answerContentPreferences(ctx.store, { ...scope, ...segment }, input.by ?? null, ctx.clock.nowMs()),
    );
    return {
      overall,
      preferences: preferences.items.map((item) => ({ ...item, votes: item.positive.denominator ?? 0 })),
      prior: preferences.prior,
      ...present,
    };
  }),

  performance: countedQuestion(
    {
      permission: "metrics:read",
      rest: { method: "GET", path: "/content/performance" },
      summary: "Ranks titles that were voted on, and shows how recommended titles do beside others.",
      answer: contentPerformanceAnswer,
    },
    { counts: titleMetrics },
    { ...scopeQuestion, sort: z.enum(titleSorts).default("shrunken"), limit: limitNumber(50) },
  ).query(async ({ ctx, input }) => {
    const scope = accepted(parseScope(input, titleDimensions));
    const { titles, described, ...rest } = accepted(await answerContentPerformance(ctx.store, scope, input, ctx.clock.nowMs()));
    return {
      titles: titles.map(({ contentId, ...title }) => {
        const dimensions = described.get(contentId) ?? {};
        return {
          contentId,
          genres: valuesOf(dimensions, "genre"),
          mediaType: valuesOf(dimensions, "mediaType")[0] as string,
          releaseDecade: valuesOf(dimensions, "releaseDecade")[0] as string,
          votes: title.positive.denominator ?? 0,
          likes: title.positive.numerator ?? 0,
          ...title,
        };
      }),
      ...rest,
    };
  }),

  trends: countedQuestion(
    {
      permission: "metrics:read",
      rest: { method: "GET", path: "/content/trends" },
      summary: "Shows what is liked more or less, and voted on more or less, than in the period before.",
      answer: trendsAnswer,
    },
    { counts: [{ metric: "positive_rate" }], checkedRange: withPrevious },
    { ...scopeQuestion, by: z.enum(["genre", "title"]).default("genre"), limit: limitNumber(20) },
  ).query(async ({ ctx, input }) => {
    const scope = accepted(parseScope(input, voteDimensions));
    const by = input.by === "title" ? "contentId" : "genre";
    const { trends, previous, ...rest } = accepted(
      await answerContentTrends(ctx.store, scope, { by, limit: input.limit }, ctx.clock.nowMs()),
    );
    return {
      smoother,
      trends: trends.map(({ key, now, before, ...trend }) => ({
        by: { [by]: key },
        positive: proportionOf(now.likes, now.votes),
        previous: proportionOf(before.likes, before.votes),
        ...trend,
      })),
      previous: previous === null ? null : rangeOf(previous),
      ...rest,
    };
  }),

  rejections: countedQuestion(
    {
      permission: "metrics:read",
      rest: { method: "GET", path: "/content/rejections" },
      summary: "Finds what titles have in rooms that ended without consensus, more often than in rooms that agreed.",
      answer: rejectionsAnswer,
    },
    { counts: [{ metric: "rooms_ended" }, { metric: "positive_rate", by: ["genre"] }] },
    { ...scopeQuestion, limit: limitNumber(50) },
  ).query(async ({ ctx, input }) => {
    const scope = accepted(parseScope(input, roomDimensions));
    const { patterns, ...rest } = await answerContentRejections(ctx.store, scope, ctx.clock.nowMs());
    return { ...rest, patterns: patterns.slice(0, input.limit) };
  }),
});
