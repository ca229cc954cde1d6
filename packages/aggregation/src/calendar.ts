import { bucketStart, tierMs } from "./bucket.ts";

export type Granularity = "minute" | "hour" | "day" | "week" | "month" | "total";
/** Granularities whose buckets a calendar cuts. */
export type CalendarUnit = Exclude<Granularity, "total">;

/** Where days, ISO weeks and months begin in one time zone; minutes and hours are those of UTC everywhere. */
export type Calendar = {
  startOf(unit: CalendarUnit, atMs: number): number;
  /** @param count how many units on, or back when negative, from the start of a unit */
  add(unit: CalendarUnit, startMs: number, count: number): number;
  hourOfDay(atMs: number): number;
  /** ISO 8601: 1 is Monday, 7 is Sunday. */
  weekday(atMs: number): number;
};

/** @throws {RangeError} for a time zone that the IANA database does not know */
export function calendarOf(timeZone: string): Calendar {
  const offsetAt = timeZone === "UTC" ? () => 0 : offsetsOf(timeZone);
  const toLocal = (atMs: number) => atMs + offsetAt(atMs);
  // The offset on the other side of a clock change may differ: ask again at the first guess.
  const toUtc = (localMs: number) => localMs - offsetAt(localMs - offsetAt(localMs));
  return {
    startOf(unit, atMs) {
      if (unit === "minute" || unit === "hour") return bucketStart(unit, atMs);
      return toUtc(localStart(unit, toLocal(atMs)));
    },
    add(unit, startMs, count) {
      if (unit === "minute" || unit === "hour") return startMs + count * tierMs[unit];
      return toUtc(localAdd(unit, toLocal(startMs), count));
    },
    hourOfDay: (atMs) => Math.floor((toLocal(atMs) - bucketStart("day", toLocal(atMs))) / tierMs.hour),
    weekday: (atMs) => isoWeekday(toLocal(atMs)),
  };
}

function localStart(unit: "day" | "week" | "month", localMs: number): number {
  const dayMs = bucketStart("day", localMs);
  if (unit === "day") return dayMs;
  if (unit === "week") return dayMs - (isoWeekday(localMs) - 1) * tierMs.day;
  const date = new Date(localMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

function localAdd(unit: "day" | "week" | "month", localMs: number, count: number): number {
  if (unit !== "month") return localMs + count * (unit === "week" ? 7 : 1) * tierMs.day;
  const date = new Date(localMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count, 1);
}

// 1 January 1970 was a Thursday.
function isoWeekday(localMs: number): number {
  return ((((Math.floor(localMs / tierMs.day) + 3) % 7) + 7) % 7) + 1;
}

/** @returns the offset of local time from UTC at an instant, in milliseconds; looked up once an hour of the time line */
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
    // Offsets change on quarters of an hour.
    const quarterMs = Math.floor(atMs / 900_000) * 900_000;
    let offsetMs = known.get(quarterMs);
    if (offsetMs === undefined) known.set(quarterMs, (offsetMs = localOf(format, quarterMs) - quarterMs));
    return offsetMs;
  };
}

function localOf(format: Intl.DateTimeFormat, atMs: number): number {
  const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
