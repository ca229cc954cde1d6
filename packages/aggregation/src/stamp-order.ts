import type { EventStamp } from "./entities/earliest.ts";

/** Sorts by the one order that all events have: by time, and where times are equal by id. Never 0: no two events share an id. */
export function byStamp(a: EventStamp, b: EventStamp): number {
  return a.atMs - b.atMs || (a.eventId < b.eventId ? -1 : 1);
}
