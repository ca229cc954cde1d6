import { bucketStart, tierMs } from "@trinity/aggregation/bucket";
import { joinTimeRanges, type TimeRange } from "@trinity/aggregation/time-range";

/** @returns the days that the instants are of: a file has events of one */
export function daysOf(instants: Iterable<number>): readonly TimeRange[] {
  const days = new Set([...instants].map((atMs) => bucketStart("day", atMs)));
  return joinTimeRanges([...days].map((fromMs) => ({ fromMs, toMs: fromMs + tierMs.day })));
}
