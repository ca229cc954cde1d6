import { type AbandonmentPatterns, abandonmentPatterns } from "@trinity/aggregation/abandonment-patterns";
import { calendarOf } from "@trinity/aggregation/calendar";
import { LastEventAccumulator } from "@trinity/aggregation/room-last-event";
import type { EventStore } from "@trinity/storage/event-store";
import type { QuestionScope } from "./answer-metrics.ts";
import { freshnessFields } from "./freshness.ts";
import { accumulateIfShort } from "./reads/accumulate-if-short.ts";
import { scanEndedRooms } from "./reads/scan-ended-rooms.ts";

export type RoomAbandonment = AbandonmentPatterns & {
  /** Attributes that were not looked at, because too much of the log would have to be read. */
  readonly leftOut: readonly string[];
  readonly asOf: string;
  readonly revision: number;
};

/**
 * What abandoned rooms have that rooms which ended otherwise have not, over the rooms that ended in a scope.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError}
 */
export async function answerRoomAbandonment(store: EventStore, scope: QuestionScope, nowMs: number): Promise<RoomAbandonment> {
  const { rooms, freshness } = await scanEndedRooms(store, scope, nowMs);
  const last = await accumulateIfShort(store, new LastEventAccumulator(rooms), nowMs);
  return {
    ...abandonmentPatterns(rooms, calendarOf(scope.timeZone), last === null ? null : (roomId) => last.typeOf(roomId)),
    leftOut: last === null ? ["lastEvent"] : [],
    ...freshnessFields(freshness),
  };
}
