import { bucketStart, tierMs } from "@trinity/aggregation/bucket";
import type { StoredEvent } from "@trinity/events/event";

/** The first and last event time of a chunk in one UTC day; `day` counts from 1970-01-01. */
export type DaySpan = { readonly day: number; readonly firstMs: number; readonly lastMs: number };

export function dayOf(atMs: number): number {
  return bucketStart("day", atMs) / tierMs.day;
}

/** @returns one span for each day with events */
export function daySpansOf(events: readonly StoredEvent[]): readonly DaySpan[] {
  const spans = new Map<number, DaySpan>();
  for (const { timestampMs } of events) {
    const day = dayOf(timestampMs);
    const { firstMs, lastMs } = spans.get(day) ?? { firstMs: timestampMs, lastMs: timestampMs };
    spans.set(day, { day, firstMs: Math.min(firstMs, timestampMs), lastMs: Math.max(lastMs, timestampMs) });
  }
  return [...spans.values()];
}
