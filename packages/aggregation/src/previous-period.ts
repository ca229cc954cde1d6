import { calendarOf } from "./calendar.ts";
import type { MetricQuery } from "./metric-query.ts";

type Range = Pick<MetricQuery, "fromMs" | "toMs" | "timeZone">;

/**
 * The period just before a range, of the same length as people count: as many months where the range is whole months, as many days where
 * it is whole days, else as many milliseconds. Where the present cuts the range, it is cut as far from its own beginning, so that what is
 * not finished is held against what was not finished either.
 * @param asOfMs how far the answer about the range reaches
 * @returns `fromMs` inclusive, `toMs` exclusive; `null` for a range that lies ahead: there is nothing to hold against it yet
 */
export function previousPeriod(range: Range, asOfMs: number): { readonly fromMs: number; readonly toMs: number } | null {
  const { fromMs, toMs } = range;
  if (asOfMs <= fromMs) return null;
  const previousMs = fromMsBefore(range);
  if (asOfMs >= toMs) return { fromMs: previousMs, toMs: fromMs };
  return { fromMs: previousMs, toMs: Math.min(fromMs, sameTimeIn(range, previousMs, asOfMs)) };
}

function fromMsBefore({ fromMs, toMs, timeZone }: Range): number {
  const calendar = calendarOf(timeZone);
  for (const unit of ["month", "day"] as const) {
    if (calendar.startOf(unit, fromMs) !== fromMs || calendar.startOf(unit, toMs) !== toMs) continue;
    let beforeMs = fromMs;
    for (let atMs = fromMs; atMs < toMs; atMs = calendar.next(unit, atMs)) beforeMs = calendar.startOf(unit, beforeMs - 1);
    return beforeMs;
  }
  return fromMs - (toMs - fromMs);
}

/** As many local days after the beginning, and as long after the midnight of that day. */
function sameTimeIn({ fromMs, timeZone }: Range, previousMs: number, asOfMs: number): number {
  const calendar = calendarOf(timeZone);
  if (calendar.startOf("day", fromMs) !== fromMs) return previousMs + (asOfMs - fromMs);
  let dayMs = fromMs;
  let previousDayMs = previousMs;
  for (let nextMs = calendar.next("day", dayMs); nextMs <= asOfMs; nextMs = calendar.next("day", dayMs)) {
    dayMs = nextMs;
    previousDayMs = calendar.next("day", previousDayMs);
  }
  return Math.min(previousDayMs + (asOfMs - dayMs), calendar.next("day", previousDayMs));
}
