import { expect, test } from "vitest";
import { previousPeriod } from "./previous-period.ts";

const ms = (instant: string) => Date.parse(instant);
const iso = (atMs: number) => new Date(atMs).toISOString().slice(0, 16);

function previous(from: string, to: string, asOf: string, timeZone = "UTC"): string | null {
  const period = previousPeriod({ fromMs: ms(from), toMs: ms(to), timeZone }, ms(asOf));
  return period && `${iso(period.fromMs)} ${iso(period.toMs)}`;
}

test.each<[rule: string, from: string, to: string, asOf: string, timeZone: string, period: string | null]>([
  ["a finished day is held against the day before", "2026-11-20", "2026-11-21", "2026-11-22", "UTC", "2026-11-19T00:00 2026-11-20T00:00"],
  [
    "an unfinished day against as much of the day before",
    "2026-11-22",
    "2026-11-23",
    "2026-11-22T15:30Z",
    "UTC",
    "2026-11-21T00:00 2026-11-21T15:30",
  ],
  [
    "an unfinished week against as much of the week before",
    "2026-11-16",
    "2026-11-23",
    "2026-11-18T06:00Z",
    "UTC",
    "2026-11-09T00:00 2026-11-11T06:00",
  ],
  ["a month against the month before, however long", "2026-03-01", "2026-04-01", "2026-05-01", "UTC", "2026-02-01T00:00 2026-03-01T00:00"],
  [
    "what a shorter month before has no days for against all of it",
    "2026-03-01",
    "2026-04-01",
    "2026-03-30T12:00Z",
    "UTC",
    "2026-02-01T00:00 2026-03-01T00:00",
  ],
  [
    "hours against as many hours before",
    "2026-11-22T10:00Z",
    "2026-11-22T13:00Z",
    "2026-11-22T12:00Z",
    "UTC",
    "2026-11-22T07:00 2026-11-22T09:00",
  ],
  [
    "a day of 25 hours against the day of 24 before",
    "2026-10-24T22:00Z",
    "2026-10-25T23:00Z",
    "2026-11-01",
    "Europe/Madrid",
    "2026-10-23T22:00 2026-10-24T22:00",
  ],
  [
    "a week that begins with a day without a midnight against the week before",
    "2026-04-23T22:00Z",
    "2026-04-30T21:00Z",
    "2026-05-10",
    "Africa/Cairo",
    "2026-04-16T22:00 2026-04-23T22:00",
  ],
  ["what lies ahead against nothing", "2026-12-01", "2026-12-02", "2026-11-22", "UTC", null],
])("%s", (_rule, from, to, asOf, timeZone, period) => {
  expect(previous(from, to, asOf, timeZone)).toBe(period);
});
