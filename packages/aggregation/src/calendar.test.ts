import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CalendarUnit, calendarOf } from "./calendar.ts";
import { localTimeOf } from "./oracle-time.testing.ts";

const iso = (atMs: number) => new Date(atMs).toISOString().replace(":00.000Z", "Z");

/** The starts of so many units, from the one that holds `at`. */
function starts(timeZone: string, unit: CalendarUnit, at: string, count: number): readonly string[] {
  const calendar = calendarOf(timeZone);
  let startMs = calendar.startOf(unit, Date.parse(at));
  return Array.from({ length: count }, () => {
    const start = iso(startMs);
    startMs = calendar.next(unit, startMs);
    return start;
  });
}

const hoursLong = (days: readonly string[]) => days.slice(1).map((day, i) => (Date.parse(day) - Date.parse(days[i] as string)) / 3_600_000);

describe("in UTC", () => {
  test("weeks begin on Monday, also across the turn of the year", () => {
    expect(starts("UTC", "week", "2021-01-03T23:59:59.999Z", 2)).toEqual(["2020-12-28T00:00Z", "2021-01-04T00:00Z"]);
    expect(starts("UTC", "week", "2026-11-22T10:00:00Z", 1)).toEqual(["2026-11-16T00:00Z"]);
  });

  test("months are as long as the calendar has them, leap day included", () => {
    const months = ["2024-01-01T00:00Z", "2024-02-01T00:00Z", "2024-03-01T00:00Z", "2024-04-01T00:00Z"];
    expect(starts("UTC", "month", "2024-01-31T12:00:00Z", 4)).toEqual(months);
    expect(hoursLong(months)).toEqual([31 * 24, 29 * 24, 31 * 24]);
    expect(starts("UTC", "day", "2024-02-28T12:00:00Z", 3)).toEqual(["2024-02-28T00:00Z", "2024-02-29T00:00Z", "2024-03-01T00:00Z"]);
  });

  test("a weekday counts from Monday as 1, also before 1970", () => {
    const { weekday } = calendarOf("UTC");
    expect(["1970-01-01", "2024-02-29", "2026-11-22", "1969-12-28"].map((date) => weekday(Date.parse(date)))).toEqual([4, 4, 7, 7]);
  });
});

describe("where clocks change", () => {
  test("the day of spring has 23 hours in Madrid, the day of autumn 25", () => {
    const spring = starts("Europe/Madrid", "day", "2024-03-30T12:00:00Z", 4);
    expect(spring).toEqual(["2024-03-29T23:00Z", "2024-03-30T23:00Z", "2024-03-31T22:00Z", "2024-04-01T22:00Z"]);
    expect(hoursLong(spring)).toEqual([24, 23, 24]);
    expect(hoursLong(starts("Europe/Madrid", "day", "2024-10-26T12:00:00Z", 4))).toEqual([24, 25, 24]);
  });

  test("an hour that clocks show twice is the same hour of day twice", () => {
    const { hourOfDay } = calendarOf("Europe/Madrid");
    const instants = ["2024-10-26T23:30:00Z", "2024-10-27T00:30:00Z", "2024-10-27T01:30:00Z", "2024-10-27T02:30:00Z"];
    expect(instants.map((instant) => hourOfDay(Date.parse(instant)))).toEqual([1, 2, 2, 3]);
  });

  test("a day whose midnight is left out begins at the change, and the days after it at midnight again", () => {
    const days = starts("America/Sao_Paulo", "day", "2018-11-03T12:00:00Z", 4);
    expect(days).toEqual(["2018-11-03T03:00Z", "2018-11-04T03:00Z", "2018-11-05T02:00Z", "2018-11-06T02:00Z"]);
    expect(hoursLong(days)).toEqual([24, 23, 24]);
  });

  test("a day that is set back at its midnight has 25 hours", () => {
    expect(hoursLong(starts("America/Sao_Paulo", "day", "2018-02-16T12:00:00Z", 4))).toEqual([24, 25, 24]);
  });

  test("of a midnight that comes twice the first begins the day", () => {
    expect(starts("America/Havana", "day", "2024-11-03T03:30:00Z", 3)).toEqual([
      "2024-11-02T04:00Z",
      "2024-11-03T04:00Z",
      "2024-11-04T05:00Z",
    ]);
  });

  test("a date that a country never had is left out", () => {
    expect(starts("Pacific/Apia", "day", "2011-12-29T12:00:00Z", 3)).toEqual([
      "2011-12-29T10:00Z",
      "2011-12-30T10:00Z",
      "2011-12-31T10:00Z",
    ]);
    expect(localTimeOf(Date.parse("2011-12-30T10:00Z"), "Pacific/Apia").date).toBe("2011-12-31");
  });
});

describe("where clocks are off by half an hour", () => {
  test("days begin at half past", () => {
    expect(starts("Asia/Kolkata", "day", "2024-02-29T18:29:59.999Z", 3)).toEqual([
      "2024-02-28T18:30Z",
      "2024-02-29T18:30Z",
      "2024-03-01T18:30Z",
    ]);
    expect(starts("Asia/Kolkata", "month", "2024-02-29T18:30:00Z", 2)).toEqual(["2024-02-29T18:30Z", "2024-03-31T18:30Z"]);
  });

  test("an hour of UTC lies in two local ones", () => {
    const { hourOfDay, hasWholeHours } = calendarOf("Asia/Kolkata");
    expect([hourOfDay(Date.parse("2024-02-29T10:29:59Z")), hourOfDay(Date.parse("2024-02-29T10:30:00Z"))]).toEqual([15, 16]);
    expect(hasWholeHours(Date.parse("2024-02-29"), Date.parse("2024-03-01"))).toBe(false);
  });

  test("it may be so for a part of a range only", () => {
    const { hasWholeHours } = calendarOf("Australia/Lord_Howe");
    // Ahead by 11 hours in summer, by 10.5 in winter.
    expect(hasWholeHours(Date.parse("2024-01-01"), Date.parse("2024-01-31"))).toBe(true);
    expect(hasWholeHours(Date.parse("2024-01-01"), Date.parse("2024-12-31"))).toBe(false);
  });
});

test("a window of days that ends within a day reaches back to the same time of day", () => {
  const { windowStart } = calendarOf("Europe/Madrid");
  expect(iso(windowStart(Date.parse("2024-04-02T22:00:00Z"), 7))).toBe("2024-03-26T23:00Z");
  expect(iso(windowStart(Date.parse("2024-10-30T11:30:00Z"), 7))).toBe("2024-10-23T10:30Z");
  // 02:30 did not exist a week before: it begins when clocks went on.
  expect(iso(windowStart(Date.parse("2024-04-07T00:30:00Z"), 7))).toBe("2024-03-31T01:00Z");
});

test("a window of days that ends with a day without a midnight begins with a day", () => {
  const { windowStart } = calendarOf("Africa/Cairo");
  // The 24th of April begins at 01:00.
  expect(iso(windowStart(Date.parse("2026-04-23T22:00:00Z"), 7))).toBe("2026-04-16T22:00Z");
});

test("a time zone that nobody knows is refused", () => {
  expect(() => calendarOf("Europe/Atlantis")).toThrow(RangeError);
});

const anyZone = fc.constantFrom(
  "UTC",
  "Europe/Madrid",
  "Asia/Kolkata",
  "America/Sao_Paulo",
  "Australia/Lord_Howe",
  "America/Havana",
  "Asia/Amman",
);
const anyInstantMs = fc.integer({ min: Date.parse("2005-01-01"), max: Date.parse("2027-01-01") });

test("every instant lies in the bucket that begins at or before it and ends behind it, and a bucket is of one date, week or month", () => {
  fc.assert(
    fc.property(anyZone, fc.constantFrom<CalendarUnit>("day", "week", "month"), anyInstantMs, (timeZone, unit, atMs) => {
      const calendar = calendarOf(timeZone);
      const startMs = calendar.startOf(unit, atMs);
      const endMs = calendar.next(unit, atMs);
      expect(startMs <= atMs && atMs < endMs).toBe(true);
      expect([calendar.startOf(unit, startMs), calendar.startOf(unit, endMs - 1), calendar.next(unit, startMs)]).toEqual([
        startMs,
        startMs,
        endMs,
      ]);
      expect(localTimeOf(startMs - 1, timeZone).date < localTimeOf(startMs, timeZone).date).toBe(true);
      if (unit === "day") expect(localTimeOf(startMs, timeZone).date).toBe(localTimeOf(atMs, timeZone).date);
      if (unit === "month") expect(localTimeOf(startMs, timeZone).date).toBe(`${localTimeOf(atMs, timeZone).date.slice(0, 8)}01`);
      if (unit === "week") expect(localTimeOf(startMs, timeZone).weekday).toBe("1");
    }),
    { numRuns: 1_000 },
  );
});
