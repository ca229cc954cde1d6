import { bucketStart, tierMs } from "./bucket.ts";
import { utcOffsets, zoneOffsets } from "./zone-offsets.ts";

export type Granularity = "minute" | "hour" | "day" | "week" | "month" | "total";
/** Granularities whose buckets a calendar cuts. */
export type CalendarUnit = Exclude<Granularity, "total">;

/** Where days, ISO weeks and months begin in one time zone; minutes and hours are those of UTC everywhere. */
export type Calendar = {
  startOf(unit: CalendarUnit, atMs: number): number;
  /** @returns the start of the unit after the one that holds the instant */
  next(unit: CalendarUnit, atMs: number): number;
  /**
   * Counts on the calendar's dates, so the length of the days between does not matter.
   * @returns the start of the day or month that is so many after the one that holds the instant, or before it when negative
   */
  shift(unit: "day" | "month", atMs: number, count: number): number;
  /** @returns how many days or months a range holds; `null` where one of its ends cuts one */
  wholeUnits(unit: "day" | "month", fromMs: number, toMs: number): number | null;
  /** @returns where a window of so many days begins: with a day where it ends with one, else at the same time of day */
  windowStart(endMs: number, days: number): number;
  /**
   * @param utcMidnightMs the start of the date in UTC
   * @returns the start of the same date here; `null` for a date that the time zone left out
   */
  startOfDate(utcMidnightMs: number): number | null;
  hourOfDay(atMs: number): number;
  /** ISO 8601: 1 is Monday, 7 is Sunday. */
  weekday(atMs: number): number;
  /** True where each hour of UTC in `[fromMs, toMs)` lies within one hour of local time. */
  hasWholeHours(fromMs: number, toMs: number): boolean;
  /** True where each quarter of an hour of UTC lies within one hour of local time. */
  hasWholeQuarters(fromMs: number, toMs: number): boolean;
};

/**
 * A day begins at the first instant that shows its date, and lasts until the next one begins. So it does where clocks leave out midnight, show
 * it twice, or leave out a whole date; that date then begins where the next one does.
 * @throws {RangeError} for a time zone that the IANA database does not know
 */
export function calendarOf(timeZone: string): Calendar {
  const offsets = timeZone === "UTC" ? utcOffsets : zoneOffsets(timeZone);
  const toLocal = (atMs: number) => atMs + offsets.at(atMs);
  // The first instant that shows a local time or a later one.
  const toUtc = (localMs: number) => {
    let sinceMs = localMs - tierMs.day;
    for (const changeMs of offsets.changes(sinceMs, localMs + tierMs.day)) {
      if (localMs - offsets.at(sinceMs) < changeMs) break;
      sinceMs = changeMs;
    }
    return Math.max(sinceMs, localMs - offsets.at(sinceMs));
  };
  const startOf = (unit: DateUnit, atMs: number) => {
    const localMs = localStart(unit, toLocal(atMs));
    // Clocks that are set back over midnight show the date before once more, in the day that has begun.
    const nextMs = toUtc(localShift(unit, localMs, 1));
    return nextMs <= atMs ? nextMs : toUtc(localMs);
  };
  const dateOf = (unit: DateUnit, atMs: number) => localStart(unit, toLocal(startOf(unit, atMs)));
  const shift = (unit: DateUnit, atMs: number, count: number) => toUtc(localShift(unit, dateOf(unit, atMs), count));
  const changesAtWhole = (unitMs: number, fromMs: number, toMs: number) => {
    const changes = offsets.changes(fromMs, toMs);
    return [fromMs, ...changes].every((atMs) => offsets.at(atMs) % unitMs === 0) && changes.every((atMs) => atMs % unitMs === 0);
  };
  return {
    startOf: (unit, atMs) => (isClockUnit(unit) ? bucketStart(unit, atMs) : startOf(unit, atMs)),
    next: (unit, atMs) => (isClockUnit(unit) ? bucketStart(unit, atMs) + tierMs[unit] : shift(unit, atMs, 1)),
    shift,
    wholeUnits(unit, fromMs, toMs) {
      if (fromMs >= toMs || startOf(unit, fromMs) !== fromMs || startOf(unit, toMs) !== toMs) return null;
      return localCount(unit, dateOf(unit, fromMs), dateOf(unit, toMs - 1)) + 1;
    },
    windowStart(endMs, days) {
      if (startOf("day", endMs) === endMs) return shift("day", endMs - 1, 1 - days);
      return toUtc(toLocal(endMs) - days * tierMs.day);
    },
    startOfDate(utcMidnightMs) {
      const startMs = toUtc(utcMidnightMs);
      return bucketStart("day", toLocal(startMs)) === utcMidnightMs ? startMs : null;
    },
    hourOfDay: (atMs) => Math.floor((toLocal(atMs) - bucketStart("day", toLocal(atMs))) / tierMs.hour),
    weekday: (atMs) => isoWeekday(toLocal(atMs)),
    hasWholeHours: (fromMs, toMs) => changesAtWhole(tierMs.hour, fromMs, toMs),
    hasWholeQuarters: (fromMs, toMs) => changesAtWhole(15 * tierMs.minute, fromMs, toMs),
  };
}

type DateUnit = "day" | "week" | "month";

function isClockUnit(unit: CalendarUnit): unit is "minute" | "hour" {
  return unit === "minute" || unit === "hour";
}

function localStart(unit: DateUnit, localMs: number): number {
  const dayMs = bucketStart("day", localMs);
  if (unit === "day") return dayMs;
  if (unit === "week") return dayMs - (isoWeekday(localMs) - 1) * tierMs.day;
  const date = new Date(localMs);
  return dateMs(date.getUTCFullYear(), date.getUTCMonth());
}

function localShift(unit: DateUnit, startMs: number, count: number): number {
  if (unit !== "month") return startMs + count * (unit === "week" ? 7 : 1) * tierMs.day;
  const date = new Date(startMs);
  return dateMs(date.getUTCFullYear(), date.getUTCMonth() + count);
}

/** `Date.UTC` takes the years before 100 for those of the 20th century. */
function dateMs(year: number, month: number): number {
  return new Date(0).setUTCFullYear(year, month, 1);
}

function localCount(unit: "day" | "month", fromMs: number, toMs: number): number {
  if (unit === "day") return (toMs - fromMs) / tierMs.day;
  const [from, to] = [new Date(fromMs), new Date(toMs)];
  return (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
}

// 1 January 1970 was a Thursday.
function isoWeekday(localMs: number): number {
  return ((((Math.floor(localMs / tierMs.day) + 3) % 7) + 7) % 7) + 1;
}
