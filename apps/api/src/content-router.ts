import type { DimensionName } from "@trinity/aggregation/dimension";
import { dimensionsOfMetric } from "@trinity/aggregation/metric";
import { findMetric } from "@trinity/aggregation/metric-catalogue";
import { preferenceGroupings } from "@trinity/aggregation/preference-grouping";
import { roomDimensions } from "@trinity/aggregation/room-scope";
import { titleSorts } from "@trinity/aggregation/title-ranking";
import { z } from "zod";
import { parsed } from "./api-problem.ts";
import { ask, shown } from "./ask.ts";
import { contentPerformanceAnswer, preferencesAnswer, rejectionsAnswer, trendsAnswer } from "./content-answer.ts";
import { parseOptionalSegment, segmentText } from "./metric-question.ts";
import { question } from "./question.ts";
import { limitNumber, parseScope, scopeQuestion } from "./scope-question.ts";
import { router } from "./trpc.ts";

/** What votes can be filtered by. */
const voteDimensions = ["votes"].flatMap((name) => findMetric(name) ?? []).flatMap((metric) => dimensionsOfMetric(metric));
/** What titles can be chosen by. */
const titleDimensions: readonly DimensionName[] = ["genre", "mediaType", "releaseDecade", "contentId"];

export const contentRouter = router({
  preferences: question(
    {
      kind: "contentPreferences",
      rest: { method: "GET", path: "/content/preferences", aliases: ["/analytics/content/preferences"] },
      summary: "Ranks genres by how much they are liked, so that few votes never come first.",
      answer: preferencesAnswer,
    },
    { ...scopeQuestion, by: z.enum(preferenceGroupings).optional(), segment: segmentText.optional() },
  ).query(async ({ ctx, input }) => {
    const segment = parsed(parseOptionalSegment(input.segment));
    const scope = { ...parsed(parseScope(input, voteDimensions)), ...segment };
    return shown(await ask(ctx, { kind: "contentPreferences", scope, by: input.by ?? null }));
  }),

  performance: question(
    {
      kind: "contentPerformance",
      rest: { method: "GET", path: "/content/performance" },
      summary: "Ranks titles that were voted on, and shows how recommended titles do beside others.",
      answer: contentPerformanceAnswer,
    },
    { ...scopeQuestion, sort: z.enum(titleSorts).default("shrunken"), limit: limitNumber(50) },
  ).query(async ({ ctx, input }) => {
    const scope = parsed(parseScope(input, titleDimensions));
    return shown(await ask(ctx, { kind: "contentPerformance", scope, sort: input.sort, limit: input.limit }));
  }),

  trends: question(
    {
      kind: "contentTrends",
      rest: { method: "GET", path: "/content/trends" },
      summary: "Shows what is liked more or less, and voted on more or less, than in the period before.",
      answer: trendsAnswer,
    },
    { ...scopeQuestion, by: z.enum(["genre", "title"]).default("genre"), limit: limitNumber(20) },
  ).query(async ({ ctx, input }) => {
    const scope = parsed(parseScope(input, voteDimensions));
    const by = input.by === "title" ? "contentId" : "genre";
    return shown(await ask(ctx, { kind: "contentTrends", scope, by, limit: input.limit }));
  }),

  rejections: question(
    {
      kind: "contentRejections",
      rest: { method: "GET", path: "/content/rejections" },
      summary: "Finds what titles have in rooms that ended without consensus, more often than in rooms that agreed.",
      answer: rejectionsAnswer,
    },
    { ...scopeQuestion, limit: limitNumber(50) },
  ).query(async ({ ctx, input }) => {
    const scope = parsed(parseScope(input, roomDimensions));
    return shown(await ask(ctx, { kind: "contentRejections", scope, limit: input.limit }));
  }),
});
