import type { RoomScope } from "@trinity/aggregation/room-scope";
import { RoomSurvivalAccumulator, type RoomSurvivalCurve, type SurvivalGrouping } from "@trinity/aggregation/room-survival";
import type { EventStore } from "@trinity/storage/event-store";
import { freshnessFields, readFreshness } from "./freshness.ts";
import { scanRooms } from "./reads/scan-rooms.ts";

export type RoomSurvivalAnswer = { readonly curves: readonly RoomSurvivalCurve[]; readonly asOf: string; readonly revision: number };

/**
 * How long rooms that started in a scope take to match.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError}
 */
export async function answerRoomSurvival(
  store: EventStore,
  scope: RoomScope,
  by: SurvivalGrouping | null,
  nowMs: number,
): Promise<RoomSurvivalAnswer> {
  const freshness = await readFreshness(store, nowMs);
  const accumulator = new RoomSurvivalAccumulator(scope, by, freshness.asOfMs);
  for await (const { room } of scanRooms(store)) accumulator.add(room);
  return { curves: accumulator.curves(), ...freshnessFields(freshness) };
}
