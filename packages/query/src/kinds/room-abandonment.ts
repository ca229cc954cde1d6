import { AbandonmentAccumulator, type AbandonmentPatterns } from "@trinity/aggregation/abandonment-patterns";
import { calendarOf } from "@trinity/aggregation/calendar";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { minuteEnd } from "../reads/minute-end.ts";
import type { QuestionScope } from "../reads/read-metrics.ts";
import { readLastEvents } from "../reads/room-events.ts";
import { endsKnownUntil } from "../reads/scan-ended-rooms.ts";
import { scanRooms } from "../reads/scan-rooms.ts";

export type PatternsQuestion = { readonly scope: QuestionScope; readonly limit: number };
export type RoomAbandonment = AbandonmentPatterns & {
  /** Attributes that were not looked at, because too much of the log would have to be read. */
  readonly leftOut: readonly string[];
};
type Facts = { readonly rooms: AbandonmentAccumulator; readonly leftOut: readonly string[] };

/** What abandoned rooms have more often than rooms that ended otherwise. */
export const roomAbandonment: QuestionKind<PatternsQuestion, PatternsQuestion, Facts, RoomAbandonment> = {
  permission: "metrics:read",
  isHeavy: () => true,
  settledAtMs: ({ scope }) => minuteEnd(scope.toMs),
  plan: ok,
  async read({ scope }, reader) {
    const rooms = new AbandonmentAccumulator(scope, endsKnownUntil(reader.moment), calendarOf(scope.timeZone));
    for await (const page of scanRooms(reader, "ended", scope)) for (const { roomId, room } of page) rooms.add(roomId, room);
    const lastEvents = await readLastEvents(rooms.lastEvents, reader);
    rooms.addLastEvents(lastEvents ?? []);
    return { facts: { rooms, leftOut: lastEvents === null ? ["lastEvent"] : [] }, source: "log" };
  },
  compute({ limit }, { rooms, leftOut }) {
    const { patterns, ...counts } = rooms.patterns();
    return ok({ ...counts, leftOut, patterns: patterns.slice(0, limit) });
  },
  overflowCheck: ({ scope }) => ({ scope, counts: [{ metric: "rooms_ended", by: ["genre"] }], by: [], checkedRange: scope }),
};
