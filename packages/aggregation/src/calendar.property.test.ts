import fc from "fast-check";
import { expect, test } from "vitest";
import { calendarOf } from "./calendar.ts";
import { localTimeAt } from "./oracle-time.testing.ts";

const [secondMs, minuteMs, hourMs, dayMs] = [1_000, 60_000, 3_600_000, 86_400_000];

const dateAt = (atMs: number, timeZone: string) => localTimeAt(atMs, timeZone).date;
const plus = (date: string, days: number) => new Date(Date.parse(date) + days * dayMs).toISOString().slice(0, 10);

/** The first instant that shows a date or a later one, found by watching the clock on the wall: hours, then minutes, then seconds. */
function firstInstantOf(date: string, timeZone: string): number {
  const isBefore = (atMs: number) => dateAt(atMs, timeZone) < date;
  let atMs = Date.parse(date) - 30 * hourMs;
  // Clocks are set back by two hours at most where that shows an earlier date: minutes are watched that long before the date.
  while (isBefore(atMs + 3 * hourMs)) atMs += hourMs;
  while (isBefore(atMs)) atMs += minuteMs;
  atMs -= minuteMs;
  while (isBefore(atMs)) atMs += secondMs;
  return atMs;
}

/** Some instant between two changes of a zone's clocks, and the change if the year has one. */
function changesOf(timeZone: string, year: number): readonly number[] {
  const shownAt = (atMs: number) => Date.parse(`${dateAt(atMs, timeZone)}T${localTimeAt(atMs, timeZone).time}Z`) - atMs;
  const changes: number[] = [];
  for (let atMs = Date.UTC(year, 0, 1); atMs < Date.UTC(year + 1, 0, 1); atMs += 5 * dayMs) {
    let [low, high] = [atMs, atMs + 5 * dayMs];
    if (shownAt(low) === shownAt(high)) continue;
    while (high - low > secondMs) {
      const middle = Math.floor((low + high) / 2 / secondMs) * secondMs;
      if (shownAt(middle) === shownAt(low)) low = middle;
      else high = middle;
    }
    changes.push(high);
  }
  return changes;
}

const oddZones = [
  "Pacific/Apia",
  "Pacific/Kwajalein",
  "Africa/Cairo",
  "Asia/Beirut",
  "America/Asuncion",
  "America/Havana",
  "America/Sao_Paulo",
  "America/St_Johns",
  "Africa/Monrovia",
  "Asia/Gaza",
];
const anyZone = fc.oneof(fc.constantFrom(...Intl.supportedValuesOf("timeZone")), fc.constantFrom(...oddZones));
/** Somewhere in a year, most often within a day of a change. */
const anyPlace = fc
  .record({
    timeZone: anyZone,
    year: fc.integer({ min: 1900, max: 2100 }),
    change: fc.nat(9),
    day: fc.nat(364),
    besideMs: fc.integer({ min: -dayMs, max: dayMs }),
  })
  .map(({ timeZone, year, change, day, besideMs }) => {
    const changes = changesOf(timeZone, year);
    const nearMs = changes.length > 0 && change < 8 ? (changes[change % changes.length] as number) : Date.UTC(year, 0, 1) + day * dayMs;
    return { timeZone, atMs: nearMs + besideMs, nearMs };
  });

function expectWindows(timeZone: string, date: string, days: number): void {
  const calendar = calendarOf(timeZone);
  const startMs = firstInstantOf(date, timeZone);
  const isDate = dateAt(startMs, timeZone) === date;
  expect(calendar.startOfDate(Date.parse(date))).toBe(isDate ? startMs : null);
  // A date that the zone never had has no windows.
  if (!isDate) return;
  const windowMs = firstInstantOf(plus(date, 1 - days), timeZone);
  expect(calendar.shift("day", startMs, 1 - days)).toBe(windowMs);
  expect(calendar.windowStart(calendar.next("day", startMs), days)).toBe(windowMs);
  expect(calendar.windowStart(firstInstantOf(plus(date, 1), timeZone), days)).toBe(windowMs);
}

test("in every zone and year a window of days that ends with a local day begins where the day so many dates before begins", () => {
  fc.assert(
    fc.property(anyPlace, fc.oneof(fc.constantFrom(1, 2, 7, 30), fc.integer({ min: 1, max: 40 })), ({ timeZone, atMs, nearMs }, days) => {
      expectWindows(timeZone, dateAt(atMs, timeZone), days);
      expectWindows(timeZone, plus(dateAt(nearMs, timeZone), days - 1), days);
    }),
    { numRuns: 600 },
  );
});

test.each([
  ["Pacific/Apia", "2011-12-31"],
  ["Pacific/Kwajalein", "1969-10-01"],
  ["Pacific/Kwajalein", "1993-08-22"],
  ["Africa/Cairo", "2026-04-24"],
  ["Asia/Beirut", "2026-03-29"],
  ["America/Asuncion", "2023-10-01"],
  ["America/Havana", "2026-03-08"],
  ["America/Havana", "2026-11-01"],
  ["America/Sao_Paulo", "2018-11-04"],
  ["America/Sao_Paulo", "2018-02-18"],
  ["America/St_Johns", "2010-11-07"],
  ["Africa/Monrovia", "1972-01-07"],
])("in %s all windows of days around %s begin with a day", (timeZone, date) => {
  for (let beside = -2; beside <= 31; beside++) for (const days of [1, 2, 7, 30]) expectWindows(timeZone, plus(date, beside), days);
});

test("in every zone and year each instant lies in one day, week and month, and each begins where the one before ends", () => {
  fc.assert(
    fc.property(anyPlace, fc.constantFrom("day", "week", "month"), ({ timeZone, atMs }, unit) => {
      const calendar = calendarOf(timeZone);
      const startMs = calendar.startOf(unit, atMs);
      const nextMs = calendar.next(unit, atMs);
      expect(startMs <= atMs && atMs < nextMs).toBe(true);
      expect(calendar.startOf(unit, startMs)).toBe(startMs);
      expect(calendar.startOf(unit, nextMs)).toBe(nextMs);
      expect(calendar.startOf(unit, nextMs - 1)).toBe(startMs);
      expect(calendar.next(unit, startMs - 1)).toBe(startMs);
    }),
    { numRuns: 600 },
  );
});

test("in every zone and year hours of UTC are whole where no second of one shows another hour", () => {
  fc.assert(
    fc.property(anyPlace, ({ timeZone, nearMs }) => {
      const fromMs = Math.floor(nearMs / hourMs) * hourMs - hourMs;
      const hours = [0, 1, 2].map((n) => fromMs + n * hourMs);
      // Each minute's first and last second: offsets before standard time count in seconds.
      const seconds = (startMs: number) =>
        Array.from({ length: 60 }, (_, minute) => [0, 59_000].map((ms) => startMs + minute * minuteMs + ms));
      const shown = (startMs: number) =>
        new Set(
          seconds(startMs)
            .flat()
            .map((atMs) => localTimeAt(atMs, timeZone).time.slice(0, 2)),
        );
      expect(calendarOf(timeZone).hasWholeHours(fromMs, fromMs + 3 * hourMs)).toBe(hours.every((startMs) => shown(startMs).size === 1));
    }),
    { numRuns: 200 },
  );
});

test("a range of whole days is as many days as it has dates, and the same number back begins a day", () => {
  fc.assert(
    fc.property(anyPlace, fc.integer({ min: 1, max: 40 }), ({ timeZone, atMs }, days) => {
      const calendar = calendarOf(timeZone);
      const fromMs = calendar.startOf("day", atMs);
      const lastMs = calendar.shift("day", fromMs, days - 1);
      fc.pre(dateAt(lastMs, timeZone) === plus(dateAt(fromMs, timeZone), days - 1));
      expect(calendar.wholeUnits("day", fromMs, calendar.next("day", lastMs))).toBe(days);
      expect(calendar.shift("day", lastMs, 1 - days)).toBe(fromMs);
    }),
    { numRuns: 300 },
  );
});
