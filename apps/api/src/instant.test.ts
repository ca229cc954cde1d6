import { calendarOf } from "@trinity/aggregation/calendar";
import { expect, test } from "vitest";
import { parseInstant, parseTimeZone } from "./instant.ts";

test.each([
  ["2026-11-22", "UTC", "2026-11-22T00:00:00.000Z"],
  ["2026-11-22", "Europe/Madrid", "2026-11-21T23:00:00.000Z"],
  ["2026-07-22", "Europe/Madrid", "2026-07-21T22:00:00.000Z"],
  ["2026-11-22", "America/New_York", "2026-11-22T05:00:00.000Z"],
  ["2026-11-22", "Pacific/Kiritimati", "2026-11-21T10:00:00.000Z"],
  ["2026-11-22", "Pacific/Pago_Pago", "2026-11-22T11:00:00.000Z"],
  ["2026-11-22", "Asia/Kathmandu", "2026-11-21T18:15:00.000Z"],
  ["2026-03-29", "Europe/Madrid", "2026-03-28T23:00:00.000Z"],
  ["2026-10-25", "Europe/Madrid", "2026-10-24T22:00:00.000Z"],
  ["2026-11-22T20:15:00.123+01:00", "America/New_York", "2026-11-22T19:15:00.123Z"],
])("%s in %s is %s", (text, zone, instant) => {
  expect(new Date(parseInstant(text, calendarOf(zone)) ?? Number.NaN).toISOString()).toBe(instant);
});

test.each([
  "",
  "2026-02-30",
  "2026-13-01",
  "2026-1-1",
  "22.11.2026",
  "2026-11-22T20:15:00",
  "2026-11-22T24:00:00Z",
  "1700000000",
  "now",
  "2026-11-22 ",
])("%j is no instant", (text) => {
  expect(parseInstant(text, calendarOf("UTC"))).toBeNull();
});

test.each(["Mars/Olympus", "../../etc", "UTC+99"])("%j is no time zone", (zone) => {
  expect(parseTimeZone(zone)).toBeNull();
});
