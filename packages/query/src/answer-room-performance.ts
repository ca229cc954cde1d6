import type { QueryProblem } from "@trinity/aggregation/plan";
import { RoomFunnelAccumulator, type RoomFunnelStep } from "@trinity/aggregation/room-funnel";
import { type RoomMetricName, roomOverview } from "@trinity/aggregation/room-overview";
import type { EventStore } from "@trinity/storage/event-store";
import type { QuestionScope } from "./answer-metrics.ts";
import { answerOverview, type Overview } from "./answer-overview.ts";
import { scanRooms } from "./reads/scan-rooms.ts";

export type RoomPerformance = Overview<RoomMetricName> & {
  readonly funnel: { readonly steps: readonly RoomFunnelStep[]; readonly seatsUnknown: number };
};

/**
 * How far rooms that were created in a range get, and every number about rooms beside its value in the period before.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError}
 */
export async function answerRoomPerformance(
  store: EventStore,
  scope: QuestionScope,
  nowMs: number,
): Promise<RoomPerformance | QueryProblem> {
  const overview = await answerOverview(store, scope, roomOverview, nowMs);
  if ("message" in overview) return overview;
  const funnel = new RoomFunnelAccumulator(scope);
  for await (const { room } of scanRooms(store)) funnel.add(room);
  return { ...overview, funnel: { steps: funnel.steps(), seatsUnknown: funnel.seatsUnknown } };
}
