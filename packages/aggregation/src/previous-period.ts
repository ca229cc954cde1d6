import { type Calendar, calendarOf } from "./calendar.ts";
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
  const calendar = calendarOf(range.timeZone);
  const previousMs = startBefore(range, calendar, ["month", "day"]);
  if (asOfMs >= toMs) return { fromMs: previousMs, toMs: fromMs };
  return { fromMs: previousMs, toMs: Math.min(fromMs, sameTimeIn(fromMs, calendar, previousMs, asOfMs)) };
}

/** @returns where the period of the same length just before a range begins, in the first of the units that the range is whole, else in ms */
export function startBefore(
  { fromMs, toMs }: Pick<Range, "fromMs" | "toMs">,
  calendar: Calendar,
  units: readonly ("day" | "month")[],
): number {
  for (const unit of units) {
    const count = calendar.wholeUnits(unit, fromMs, toMs);
    if (count !== null) return calendar.shift(unit, fromMs - 1, 1 - count);
  }
  return fromMs - (toMs - fromMs);
}

/** As many local days after the beginning, and as long after the midnight of that day. */
function sameTimeIn(fromMs: number, calendar: Calendar, previousMs: number, asOfMs: number): number {
  const dayMs = calendar.startOf("day", asOfMs);
  const daysPassed = dayMs === fromMs ? 0 : calendar.wholeUnits("day", fromMs, dayMs);
  if (daysPassed === null) return previousMs + (asOfMs - fromMs);
  const previousDayMs = calendar.shift("day", previousMs, daysPassed);
  return Math.min(previousDayMs + (asOfMs - dayMs), calendar.next("day", previousDayMs));
}
