import { entityDeclaration } from "./entity-kind.ts";
import type { CountedKind, MeasureOrigin } from "./measure.ts";
import { joinTimeRanges, type TimeRange } from "./time-range.ts";

/** @returns whether everything that contributes in a range is an event, or an entity of which an event happened near it */
export function isFoundByEvents(origin: MeasureOrigin): boolean {
  if (typeof origin === "string") return origin === "events";
  return origin.every((kind) => kind === "events" || entityDeclaration(kind).contributesWithinMs !== null);
}

/**
 * @param kinds found by events
 * @returns where the events are of which each entity that contributes in the ranges has one: ascending, disjoint, none empty
 */
export function rangesOfEvents(kinds: readonly CountedKind[], ranges: readonly TimeRange[]): readonly TimeRange[] {
  const withinMs = Math.max(0, ...kinds.map((kind) => entityDeclaration(kind).contributesWithinMs ?? 0));
  // A contribution may be as long before its event as after it.
  return joinTimeRanges(ranges.map(({ fromMs, toMs }) => ({ fromMs: fromMs - withinMs, toMs: toMs + withinMs })));
}
