import { expect, test } from "vitest";
import { dayCurve, startsPerHour } from "./day-curve.ts";

const hours = Array.from({ length: 7 * 24 }, (_, hour) => Date.UTC(2026, 6, 6, hour));

test("a week's mean is one", () => {
  const mean = hours.reduce((sum, atMs) => sum + dayCurve(atMs), 0) / hours.length;
  expect(mean).toBeCloseTo(1, 6);
});

test("evenings from 21 to 23 h in Madrid are busiest, in summer and winter", () => {
  const localHourOfPeak = (dayStartMs: number, offsetHours: number) => {
    const day = Array.from({ length: 24 }, (_, hour) => dayCurve(dayStartMs + (hour - offsetHours) * 3_600_000));
    return day.indexOf(Math.max(...day));
  };
  expect(localHourOfPeak(Date.UTC(2026, 6, 8), 2)).toBe(22);
  expect(localHourOfPeak(Date.UTC(2026, 0, 14), 1)).toBe(22);
});

test("a Saturday is busier than a Tuesday at the same hour", () => {
  expect(dayCurve(Date.UTC(2026, 6, 11, 19))).toBeGreaterThan(1.5 * dayCurve(Date.UTC(2026, 6, 7, 19)));
});

test("a bounded pace never leaves its bounds", () => {
  const rates = hours.map((atMs) => startsPerHour({ perDay: 3_000, perMinute: { min: 1, max: 5 } }, atMs));
  expect(Math.min(...rates)).toBe(60);
  expect(Math.max(...rates)).toBe(300);
});
