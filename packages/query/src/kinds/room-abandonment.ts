import { type AbandonmentPatterns, abandonmentPatterns } from "@trinity/aggregation/abandonment-patterns";
import { calendarOf } from "@trinity/aggregation/calendar";
import type { Room } from "@trinity/aggregation/room";
import { LastEventAccumulator } from "@trinity/aggregation/room-last-event";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { minuteEnd } from "../reads/minute-end.ts";
import type { QuestionScope } from "../reads/read-metrics.ts";
import { readLastEvents } from "../reads/room-events.ts";
import { scanEndedRooms } from "../reads/scan-ended-rooms.ts";

export type PatternsQuestion = { readonly scope: QuestionScope; readonly limit: number };
export type RoomAbandonment = AbandonmentPatterns & {
  /** Attributes that were not looked at, because too much of the log would have to be read. */
  readonly leftOut: readonly string[];
};
type Facts = { readonly rooms: ReadonlyMap<string, Room>; readonly last: ((roomId: string) => string) | null };

/** What abandoned rooms have more often than rooms that ended otherwise. */
export const roomAbandonment: QuestionKind<PatternsQuestion, PatternsQuestion, Facts, RoomAbandonment> = {
  permission: "metrics:read",
  isHeavy: () => true,
  settledAtMs: ({ scope }) => minuteEnd(scope.toMs),
  plan: ok,
  async read({ scope }, reader) {
    const rooms = await scanEndedRooms(reader, scope);
    return { facts: { rooms, last: await readLastEvents(new LastEventAccumulator(rooms), reader) }, source: "log" };
  },
  compute({ scope, limit }, { rooms, last }) {
    const { patterns, ...counts } = abandonmentPatterns(rooms, calendarOf(scope.timeZone), last);
    return ok({ ...counts, leftOut: last === null ? ["lastEvent"] : [], patterns: patterns.slice(0, limit) });
  },
  overflowCheck: ({ scope }) => ({ scope, counts: [{ metric: "rooms_ended", by: ["genre"] }], by: [], checkedRange: scope }),
};
