import { expect, test } from "vitest";
import { calendarOf } from "../calendar.ts";
import { AbandonmentAccumulator, endedIn } from "./abandonment-patterns.ts";
import { created, happened, roomOf, tenMs, voted } from "./room-of.testing.ts";

const minuteMs = 60_000;
const abandoned = roomOf(created(0), voted(1, "ana"));
const agreed = roomOf(created(0), happened(1, "join_room", "bea"), voted(2, "bea"), happened(3, "match_found"));
const many = <T>(count: number, prefix: string, room: T) => Array.from({ length: count }, (_, i) => [`${prefix}${i}`, room] as const);
const allTime = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY, filters: [] };
const accumulated = (rooms: readonly (readonly [string, typeof abandoned])[], timeZone = "UTC") => {
  const accumulator = new AbandonmentAccumulator(allTime, Number.POSITIVE_INFINITY, calendarOf(timeZone));
  for (const [roomId, room] of rooms) accumulator.add(roomId, room);
  return accumulator;
};

test("what abandoned rooms alone have comes first, what both have alike not at all", () => {
  const rooms = accumulated([...many(20, "a", abandoned), ...many(30, "b", agreed)]);
  rooms.addLastEvents([
    { isAbandoned: true, eventType: "vote_content", rooms: 20 },
    { isAbandoned: false, eventType: "x", rooms: 30 },
  ]);
  const { ended, abandoned: count, patterns } = rooms.patterns();
  expect([ended, count]).toEqual([50, 20]);
  expect(patterns.map(({ attribute, value }) => `${attribute} ${value}`)).toEqual([
    "lastEvent vote_content",
    "members 1",
    "seatsFilled false",
  ]);
  expect(patterns[0]).toMatchObject({
    lift: null,
    high: null,
    among: { numerator: 20, denominator: 20, value: 1 },
    others: { numerator: 0, denominator: 30, value: 0 },
  });
  expect(patterns[0]?.low).toBeGreaterThan(1);
});

test("the hour of the creation is told in the time zone, and a room that nobody created has none", () => {
  const unborn = roomOf(voted(0, "ana"));
  const rooms = [...many(1, "a", abandoned), ...many(1, "b", unborn), ...many(9, "c", agreed)];
  const valuesOf = (timeZone: string) =>
    accumulated(rooms, timeZone)
      .patterns()
      .patterns.flatMap(({ attribute, value }) => (attribute === "hourOfCreation" ? [value] : []));
  expect(valuesOf("UTC")).toEqual(["unknown"]);
  expect(accumulated(many(1, "a", abandoned)).patterns().patterns).toEqual([]);
});

test("a room has ended when its end lies in the range and before the present", () => {
  const scope = { fromMs: tenMs, toMs: tenMs + 10 * minuteMs, filters: [] };
  expect(endedIn(agreed, scope, tenMs + 9 * minuteMs)).toBe(true);
  expect(endedIn(agreed, scope, tenMs + 3 * minuteMs)).toBe(false);
  expect(endedIn(agreed, { ...scope, toMs: tenMs + 3 * minuteMs }, tenMs + 9 * minuteMs)).toBe(false);
  expect(endedIn(abandoned, scope, Number.POSITIVE_INFINITY)).toBe(false);
});

test("rooms that did not end in the scope are left out, and their last events are not asked for", () => {
  const accumulator = new AbandonmentAccumulator({ ...allTime, toMs: tenMs + 10 * minuteMs }, tenMs + 9 * minuteMs, calendarOf("UTC"));
  accumulator.add("agreed", agreed);
  accumulator.add("abandoned", abandoned);
  expect([accumulator.patterns(), accumulator.lastEvents.roomIds]).toEqual([{ ended: 1, abandoned: 0, patterns: [] }, ["agreed"]]);
});
