import type { StoredEvent } from "@trinity/events/event";

/** A place in the one order that all events have: by time, and where times are equal by id. */
export type EventStamp = { readonly atMs: number; readonly eventId: string };

export function stampOf(event: StoredEvent): EventStamp {
  return { atMs: event.timestampMs, eventId: event.eventId };
}

/** True when `event` comes before `stamp`; anything comes before nothing. */
export function isBefore(event: StoredEvent, stamp: EventStamp | null): boolean {
  if (stamp === null || event.timestampMs !== stamp.atMs) return stamp === null || event.timestampMs < stamp.atMs;
  return event.eventId < stamp.eventId;
}

/** The earlier of two instants, of which either may be missing. */
export function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/** The later of an instant that may be missing and one that is there. */
export function latest(a: number | undefined, b: number): number {
  return a === undefined ? b : Math.max(a, b);
}
