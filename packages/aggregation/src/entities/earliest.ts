import type { StoredEvent } from "@trinity/events/event";
import { orderNumberOf } from "@trinity/events/event-order";

/** A place in the one order that all events have: by time, at one instant by order number (0 where absent), then by id. */
export type EventStamp = { readonly atMs: number; readonly order?: number; readonly eventId: string };

export function stampOf(event: StoredEvent): EventStamp {
  const order = orderNumberOf(event);
  return { atMs: event.timestampMs, ...(order === 0 ? {} : { order }), eventId: event.eventId };
}

/** True when `event` comes before `stamp`; anything comes before nothing. */
export function isBefore(event: StoredEvent, stamp: EventStamp | null): boolean {
  if (stamp === null || event.timestampMs !== stamp.atMs) return stamp === null || event.timestampMs < stamp.atMs;
  const ahead = orderNumberOf(event) - (stamp.order ?? 0);
  return ahead === 0 ? event.eventId < stamp.eventId : ahead < 0;
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
