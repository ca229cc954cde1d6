import type { QueryProblem } from "@trinity/aggregation/plan";
import { type RoomAdvice, roomAdvice } from "@trinity/aggregation/room-advice";
import type { EventStore } from "@trinity/storage/event-store";
import { answerMetrics, type QuestionScope } from "./answer-metrics.ts";
import { bestSizeOf } from "./answer-room-comparison.ts";
import { scanEndedRooms } from "./reads/scan-ended-rooms.ts";

export type RoomRecommendations = {
  /** Rooms that ended in the range: what all advice rests on. */
  readonly ended: number;
  readonly recommendations: readonly RoomAdvice[];
  readonly asOf: string;
  readonly revision: number;
};

/**
 * Advice for rooms, from those that ended in a scope.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError}
 */
export async function answerRoomRecommendations(
  store: EventStore,
  scope: QuestionScope,
  nowMs: number,
): Promise<RoomRecommendations | QueryProblem> {
  const bySize = await answerMetrics(store, scope, { sizes: { metric: "consensus_rate", by: ["roomSize"] } }, nowMs);
  if ("message" in bySize) return bySize;
  const { rooms } = await scanEndedRooms(store, scope, nowMs);
  return {
    ended: rooms.size,
    recommendations: roomAdvice([...rooms.values()], bestSizeOf(bySize.answers.sizes)),
    asOf: bySize.asOf,
    revision: bySize.revision,
  };
}
