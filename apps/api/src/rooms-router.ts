import type { MetricAnswer } from "@trinity/aggregation/answer";
import { roomMetricNames, roomOverview } from "@trinity/aggregation/room-overview";
import { roomDimensions } from "@trinity/aggregation/room-scope";
import { survivalGroupings } from "@trinity/aggregation/room-survival";
import { answerRoom } from "@trinity/query/answer-room";
import { answerRoomAbandonment } from "@trinity/query/answer-room-abandonment";
import { answerRoomComparison } from "@trinity/query/answer-room-comparison";
import { answerRoomPerformance } from "@trinity/query/answer-room-performance";
import { answerRoomRecommendations } from "@trinity/query/answer-room-recommendations";
import { answerRoomSurvival } from "@trinity/query/answer-room-survival";
import { z } from "zod";
import { showOverview } from "./overview.ts";
import { countedQuestion, question } from "./question.ts";
import { accepted, refused } from "./refusal.ts";
import {
  abandonmentAnswer,
  recommendationsAnswer,
  roomAnswer,
  roomComparisonAnswer,
  roomPerformanceAnswer,
  survivalAnswer,
} from "./rooms-answer.ts";
import { limitNumber, parseScope, scopeQuestion } from "./scope-question.ts";
import { noSuchRoom, showRoom } from "./shown-room.ts";
import { router } from "./trpc.ts";

export const roomsRouter = router({
  survival: countedQuestion(
    {
      permission: "metrics:read",
      rest: { method: "GET", path: "/rooms/survival" },
      summary: "Shows how long rooms that started in a range take to match, those that have not matched yet included.",
      answer: survivalAnswer,
    },
    { counts: [{ metric: "rooms_started" }] },
    { ...scopeQuestion, by: z.enum(survivalGroupings).optional().describe("One curve for each value.") },
  ).query(({ ctx, input }) =>
    answerRoomSurvival(ctx.store, accepted(parseScope(input, roomDimensions)), input.by ?? null, ctx.clock.nowMs()),
  ),

  performance: question(
    {
      permission: "metrics:read",
      rest: { method: "GET", path: "/rooms/performance", aliases: ["/analytics/rooms/performance"] },
      summary: "Counts how far rooms get, and gives every number about rooms beside the period before.",
      answer: roomPerformanceAnswer,
    },
    scopeQuestion,
  ).query(async ({ ctx, input }) => {
    const scope = accepted(parseScope(input, roomDimensions));
    const { funnel, ...overview } = accepted(await answerRoomPerformance(ctx.store, scope, ctx.clock.nowMs()));
    return { ...showOverview(scope, roomOverview, overview), funnel };
  }),

  compare: countedQuestion(
    {
      permission: "metrics:read",
      rest: { method: "GET", path: "/rooms/compare" },
      summary: "Compares rooms of each size, media type or genre with all others, and finds the size that does best.",
      answer: roomComparisonAnswer,
    },
    { counts: Object.values(roomOverview) },
    { ...scopeQuestion, by: z.enum(roomDimensions).default("roomSize") },
  ).query(async ({ ctx, input }) => {
    const scope = accepted(parseScope(input, roomDimensions));
    const { groups, answers, ...rest } = accepted(await answerRoomComparison(ctx.store, scope, input.by, ctx.clock.nowMs()));
    return {
      groups: groups.map(({ value, metrics, consensusAgainstOthers }) => ({
        by: { [input.by]: value },
        metrics: roomMetricNames.map((name) => ({ ...namesOf(name, answers[name]), ...metrics[name] })),
        consensusAgainstOthers,
      })),
      ...rest,
    };
  }),

  abandonment: countedQuestion(
    {
      permission: "metrics:read",
      rest: { method: "GET", path: "/rooms/abandonment" },
      summary: "Finds what abandoned rooms have more often than rooms that ended otherwise.",
      answer: abandonmentAnswer,
    },
    { counts: [{ metric: "rooms_ended", by: ["genre"] }] },
    { ...scopeQuestion, limit: limitNumber(50) },
  ).query(async ({ ctx, input }) => {
    const scope = accepted(parseScope(input, roomDimensions));
    const { patterns, ...rest } = await answerRoomAbandonment(ctx.store, scope, ctx.clock.nowMs());
    return { ...rest, patterns: patterns.slice(0, input.limit) };
  }),

  recommendations: countedQuestion(
    {
      permission: "metrics:read",
      rest: { method: "GET", path: "/rooms/recommendations" },
      summary: "Gives advice for rooms, each with its evidence, and none that the data does not bear out.",
      answer: recommendationsAnswer,
    },
    { counts: [{ metric: "rooms_ended" }] },
    scopeQuestion,
  ).query(async ({ ctx, input }) => {
    const scope = accepted(parseScope(input, roomDimensions));
    const { recommendations, ...rest } = accepted(await answerRoomRecommendations(ctx.store, scope, ctx.clock.nowMs()));
    return {
      ...rest,
      recommendations: recommendations.map(({ finding, advice, share, ...evidence }) => ({
        finding,
        advice,
        evidence: { ...evidence, ...share },
      })),
    };
  }),

  get: question(
    {
      permission: "events:read",
      rest: { method: "GET", path: "/rooms/{roomId}" },
      summary: "Shows one room: what happened when, who was in it, and what became of its titles.",
      answer: roomAnswer,
    },
    { roomId: z.string().min(1).max(256).describe("The pseudonym by which events name the room.") },
  ).query(async ({ ctx, input }) => {
    const room = await answerRoom(ctx.store, input.roomId, ctx.clock.nowMs());
    if (room === null) throw refused(noSuchRoom);
    return showRoom(room);
  }),
});

function namesOf(name: string, { metric, unit }: MetricAnswer) {
  return { name, metric, unit };
}
