import { roomDimensions } from "@trinity/aggregation/room-scope";
import { survivalGroupings } from "@trinity/aggregation/room-survival";
import { z } from "zod";
import { parsed } from "./api-problem.ts";
import { ask, freshnessOf, shown } from "./ask.ts";
import { question } from "./question.ts";
import {
  abandonmentAnswer,
  recommendationsAnswer,
  roomAnswer,
  roomComparisonAnswer,
  roomPerformanceAnswer,
  survivalAnswer,
} from "./rooms-answer.ts";
import { limitNumber, parseScope, scopeQuestion } from "./scope-question.ts";
import { router } from "./trpc.ts";

export const roomsRouter = router({
  survival: question(
    {
      kind: "roomSurvival",
      rest: { method: "GET", path: "/rooms/survival" },
      summary: "Shows how long rooms that started in a range take to match, those that have not matched yet included.",
      answer: survivalAnswer,
    },
    { ...scopeQuestion, by: z.enum(survivalGroupings).optional().describe("One curve for each value.") },
  ).query(async ({ ctx, input }) => {
    const scope = parsed(parseScope(input, roomDimensions));
    return shown(await ask(ctx, { kind: "roomSurvival", scope, by: input.by ?? null }));
  }),

  performance: question(
    {
      kind: "roomPerformance",
      rest: { method: "GET", path: "/rooms/performance", aliases: ["/analytics/rooms/performance"] },
      summary: "Counts how far rooms get, and gives every number about rooms beside the period before.",
      answer: roomPerformanceAnswer,
    },
    scopeQuestion,
  ).query(async ({ ctx, input }) => {
    const scope = parsed(parseScope(input, roomDimensions));
    return shown(await ask(ctx, { kind: "roomPerformance", scope }));
  }),

  compare: question(
    {
      kind: "roomComparison",
      rest: { method: "GET", path: "/rooms/compare" },
      summary: "Compares rooms of each size, media type or genre with all others, and finds the size that does best.",
      answer: roomComparisonAnswer,
    },
    { ...scopeQuestion, by: z.enum(roomDimensions).default("roomSize") },
  ).query(async ({ ctx, input }) => {
    const scope = parsed(parseScope(input, roomDimensions));
    return shown(await ask(ctx, { kind: "roomComparison", scope, by: input.by }));
  }),

  abandonment: question(
    {
      kind: "roomAbandonment",
      rest: { method: "GET", path: "/rooms/abandonment" },
      summary: "Finds what abandoned rooms have more often than rooms that ended otherwise.",
      answer: abandonmentAnswer,
    },
    { ...scopeQuestion, limit: limitNumber(50) },
  ).query(async ({ ctx, input }) => {
    const scope = parsed(parseScope(input, roomDimensions));
    return shown(await ask(ctx, { kind: "roomAbandonment", scope, limit: input.limit }));
  }),

  recommendations: question(
    {
      kind: "roomRecommendations",
      rest: { method: "GET", path: "/rooms/recommendations" },
      summary: "Gives advice for rooms, each with its evidence, and none that the data does not bear out.",
      answer: recommendationsAnswer,
    },
    scopeQuestion,
  ).query(async ({ ctx, input }) => {
    const scope = parsed(parseScope(input, roomDimensions));
    return shown(await ask(ctx, { kind: "roomRecommendations", scope }));
  }),

  get: question(
    {
      kind: "room",
      rest: { method: "GET", path: "/rooms/{roomId}" },
      summary: "Shows one room: what happened when, who was in it, and what became of its titles.",
      answer: roomAnswer,
    },
    { roomId: z.string().min(1).max(256).describe("The pseudonym by which events name the room.") },
  ).query(async ({ ctx, input }) => {
    const answer = await ask(ctx, { kind: "room", roomId: input.roomId });
    return { ...answer.data, ...freshnessOf(answer) };
  }),
});
