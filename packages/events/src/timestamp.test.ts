import fc from "fast-check";
import { expect, test } from "vitest";
import { parseTimestamp } from "./timestamp.ts";

const ms = Date.UTC(2026, 10, 22, 20, 15, 4, 120);

test.each([
  ["UTC", "2026-11-22T20:15:04.120Z", ms],
  ["lower case", "2026-11-22t20:15:04.120z", ms],
  ["an offset east", "2026-11-22T21:15:04.120+01:00", ms],
  ["an offset west over midnight", "2026-11-22T00:45:04.120-19:30", ms],
  ["the largest offset", "2026-11-23T20:14:04.120+23:59", ms],
  ["an unknown local offset", "2026-11-22T20:15:04.120-00:00", ms],
  ["no fraction", "2026-11-22T20:15:04Z", ms - 120],
  ["tenths", "2026-11-22T20:15:04.1Z", ms - 20],
  ["tenths before an offset", "2026-11-22T21:15:04.1+01:00", ms - 20],
  ["hundredths", "2026-11-22T20:15:04.12Z", ms],
  ["digits beyond the millisecond, which are cut", "2026-11-22T20:15:04.120999999999Z", ms],
  ["29 February of a leap year", "2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
  ["29 February of 2000", "2000-02-29T00:00:00Z", Date.UTC(2000, 1, 29)],
  ["the year 50, which is not 1950", "0050-01-01T00:00:00Z", -60_589_296_000_000],
  ["the last millisecond of the year 9999", "9999-12-31T23:59:59.999Z", 253_402_300_799_999],
  ["Unix milliseconds", ms, ms],
  ["Unix milliseconds before 1970", -1, -1],
  ["minus nought, which is nought", -0, 0],
])("%s is a time", (_, value, expected) => {
  expect(parseTimestamp(value)).toBe(expected);
});

test.each([
  ["no zone", "2026-11-22T20:15:04.120"],
  ["a space for the T", "2026-11-22 20:15:04Z"],
  ["a date alone", "2026-11-22"],
  ["30 February", "2026-02-30T00:00:00Z"],
  ["29 February of a common year", "2026-02-29T00:00:00Z"],
  ["29 February of 1900", "1900-02-29T00:00:00Z"],
  ["31 April", "2026-04-31T00:00:00Z"],
  ["month 0", "2026-00-10T00:00:00Z"],
  ["month 13", "2026-13-10T00:00:00Z"],
  ["day 0", "2026-01-00T00:00:00Z"],
  ["24:00", "2026-11-22T24:00:00Z"],
  ["minute 60", "2026-11-22T20:60:00Z"],
  ["a leap second", "2016-12-31T23:59:60Z"],
  ["an offset beyond 23:59", "2026-11-22T20:15:04+24:00"],
  ["an offset of 99:99", "2026-11-22T20:15:04+99:99"],
  ["an offset without colon", "2026-11-22T20:15:04+0100"],
  ["an empty fraction", "2026-11-22T20:15:04.Z"],
  ["a comma", "2026-11-22T20:15:04,120Z"],
  ["a year beyond 9999", "999999-01-01T00:00:00Z"],
  ["a signed year", "+002026-01-01T00:00:00Z"],
  ["a time that its offset carries beyond the year 9999", "9999-12-31T23:59:59-00:01"],
  ["a word", "yesterday"],
  ["digits as text", "1795378504120"],
  ["a trailing line break", "2026-11-22T20:15:04Z\n"],
  ["true", true],
  ["null", null],
  ["nothing", undefined],
  ["a fraction of a millisecond", 1.5],
  ["infinity", Number.POSITIVE_INFINITY],
  ["not a number", Number.NaN],
  ["microseconds, which lie beyond the year 9999", ms * 1_000],
  ["a list", [ms]],
])("%s is no time", (_, value) => {
  expect(parseTimestamp(value)).toBeNull();
});

test("every instant of the years 0 to 9999 is parsed back unchanged, in any zone", () => {
  const anyInstantMs = fc.integer({ min: -62_167_132_800_000, max: 253_402_214_400_000 });
  const anyOffsetMinutes = fc.integer({ min: -1_439, max: 1_439 });
  fc.assert(
    fc.property(anyInstantMs, anyOffsetMinutes, (instantMs, offsetMinutes) => {
      const local = new Date(instantMs + offsetMinutes * 60_000).toISOString().slice(0, -1);
      fc.pre(local.length === 23);
      expect(parseTimestamp(`${local}${offsetText(offsetMinutes)}`)).toBe(instantMs);
    }),
    { numRuns: 1_000 },
  );
});

function offsetText(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}:${String(rest).padStart(2, "0")}`;
}
