import { bucketStart, tierMs } from "./bucket.ts";

export type Granularity = "minute" | "hour" | "day" | "week" | "month" | "total";
/** Granularities whose buckets a calendar cuts. */
export type CalendarUnit = Exclude<Granularity, "total">;

/** Where days, ISO weeks and months begin in one time zone; minutes and hours are those of UTC everywhere. */
export type Calendar = {
  startOf(unit: CalendarUnit, atMs: number): number;
  /** @returns the start of the unit after the one that holds the instant */
  next(unit: CalendarUnit, atMs: number): number;
  /** @returns the same time of day so many days on, or back when negative */
  addDays(atMs: number, days: number): number;
  hourOfDay(atMs: number): number;
  /** ISO 8601: 1 is Monday, 7 is Sunday. */
  weekday(atMs: number): number;
  /** True where each hour of UTC in `[fromMs, toMs)` lies within one hour of local time. */
  hasWholeHours(fromMs: number, toMs: number): boolean;
};

/** @throws {RangeError} for a time zone that the IANA database does not know */
export function calendarOf(timeZone: string): Calendar {
  const offsetAt = timeZone === "UTC" ? () => 0 : offsetsOf(timeZone);
  const toLocal = (atMs: number) => atMs + offsetAt(atMs);
  // Of two instants that show the same local time the first; of a local time that a clock change leaves out, the instant of the change.
  const toUtc = (localMs: number) => {
    const offsetsMs = [offsetAt(localMs - tierMs.day), offsetAt(localMs + tierMs.day)];
    const earlierMs = localMs - Math.max(...offsetsMs);
    if (toLocal(earlierMs) === localMs) return earlierMs;
    const laterMs = localMs - Math.min(...offsetsMs);
    if (toLocal(laterMs) === localMs) return laterMs;
    let changeMs = quarterStart(laterMs);
    while (toLocal(changeMs - 1) > localMs) changeMs -= quarterMs;
    return changeMs;
  };
  return {
    startOf(unit, atMs) {
      if (unit === "minute" || unit === "hour") return bucketStart(unit, atMs);
      return toUtc(localStart(unit, toLocal(atMs)));
    },
    next(unit, atMs) {
      if (unit === "minute" || unit === "hour") return bucketStart(unit, atMs) + tierMs[unit];
      return toUtc(localNext(unit, localStart(unit, toLocal(atMs))));
    },
    addDays: (atMs, days) => toUtc(toLocal(atMs) + days * tierMs.day),
    hourOfDay: (atMs) => Math.floor((toLocal(atMs) - bucketStart("day", toLocal(atMs))) / tierMs.hour),
    weekday: (atMs) => isoWeekday(toLocal(atMs)),
    hasWholeHours(fromMs, toMs) {
      for (let atMs = fromMs; atMs < toMs; atMs += tierMs.day) if (offsetAt(atMs) % tierMs.hour !== 0) return false;
      return offsetAt(toMs) % tierMs.hour === 0;
    },
  };
}

function localStart(unit: "day" | "week" | "month", localMs: number): number {
  const dayMs = bucketStart("day", localMs);
  if (unit === "day") return dayMs;
  if (unit === "week") return dayMs - (isoWeekday(localMs) - 1) * tierMs.day;
  const date = new Date(localMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

function localNext(unit: "day" | "week" | "month", startMs: number): number {
  if (unit !== "month") return startMs + (unit === "week" ? 7 : 1) * tierMs.day;
  const date = new Date(startMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

// 1 January 1970 was a Thursday.
function isoWeekday(localMs: number): number {
  return ((((Math.floor(localMs / tierMs.day) + 3) % 7) + 7) % 7) + 1;
}

// Clocks change on quarters of an hour.
const quarterMs = tierMs.hour / 4;

function quarterStart(atMs: number): number {
  return Math.floor(atMs / quarterMs) * quarterMs;
}

/** @returns the offset of local time from UTC at an instant, in milliseconds; looked up once a quarter of an hour */
function offsetsOf(timeZone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const known = new Map<number, number>();
  return (atMs) => {
    const startMs = quarterStart(atMs);
    let offsetMs = known.get(startMs);
    if (offsetMs === undefined) known.set(startMs, (offsetMs = localOf(format, startMs) - startMs));
    return offsetMs;
  };
}

function localOf(format: Intl.DateTimeFormat, atMs: number): number {
  const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
