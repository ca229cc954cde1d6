import { describe, expect, test } from "vitest";
import { created, happened, roomOf, tenMs } from "./room-of.testing.ts";
import { RoomSurvivalAccumulator, type SurvivalGrouping, survivalPointsMax } from "./room-survival.ts";

const dayMs = 86_400_000;
const minuteMs = 60_000;
const scope = { fromMs: tenMs, toMs: tenMs + 1, filters: [] };

const curvesOf = (rooms: readonly ReturnType<typeof roomOf>[], asOfMs: number, by: SurvivalGrouping | null = null) => {
  const accumulator = new RoomSurvivalAccumulator(scope, by, asOfMs);
  for (const room of rooms) accumulator.add(room);
  return accumulator.curves();
};
const started = (...rest: ReturnType<typeof happened>[]) => roomOf(happened(0, "room_started"), ...rest);
const [matchedAt, closedAt] = [
  (minutes: number) => started(happened(minutes, "match_found")),
  (minutes: number) => started(happened(minutes, "no_consensus")),
];

// The 6-mercaptopurine arm of Freireich et al., Blood 21 (1963): "6" a match, "6+" a room that closed without one, minutes for weeks.
test("rooms whose times are those of the leukaemia trial have its published curve", () => {
  const times = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+".split(" ");
  const rooms = times.map((time) => (time.endsWith("+") ? closedAt : matchedAt)(Number.parseInt(time, 10)));
  const [curve] = curvesOf(rooms, tenMs + dayMs);
  expect(curve).toMatchObject({ by: {}, rooms: 21, matched: 9, medianMs: 23 * minuteMs, medianInterval: [13 * minuteMs, null] });
  expect(curve?.points.map(({ ms, atRisk, events, survival }) => [ms / minuteMs, atRisk, events, Number(survival.toFixed(3))])).toEqual([
    [6, 21, 3, 0.857],
    [7, 17, 1, 0.807],
    [10, 15, 1, 0.753],
    [13, 12, 1, 0.69],
    [16, 11, 1, 0.627],
    [22, 7, 1, 0.538],
    [23, 6, 1, 0.448],
  ]);
});

describe("a room without a match is seen", () => {
  const atRiskAt = (minutes: number, room: ReturnType<typeof roomOf>, asOfMs: number) =>
    (curvesOf([room, matchedAt(minutes)], asOfMs)[0]?.points[0]?.atRisk ?? 0) - 1;

  test("until it closed", () => {
    expect([5, 6].map((minutes) => atRiskAt(minutes, closedAt(5), tenMs + dayMs))).toEqual([1, 0]);
  });

  test("until the last that was heard of it, when it was abandoned", () => {
    const abandoned = started(happened(30, "leave_room", "ana"));
    expect([30, 31].map((minutes) => atRiskAt(minutes, abandoned, tenMs + 2 * dayMs))).toEqual([1, 0]);
  });

  test("until the present, while it is open", () => {
    const open = started(happened(30, "leave_room", "ana"));
    expect([60, 61].map((minutes) => atRiskAt(minutes, open, tenMs + 60 * minuteMs))).toEqual([1, 0]);
  });
});

test("a match or an agreement is the event, whichever is first, and never before the start", () => {
  const agreed = started(happened(4, "consensus_achieved"), happened(9, "match_found"));
  const clocksApart = started(happened(-3, "match_found"));
  expect(curvesOf([agreed, clocksApart], tenMs + dayMs)[0]?.points.map(({ ms }) => ms)).toEqual([0, 4 * minuteMs]);
});

test("only rooms that started in the range and pass the filters are in a curve", () => {
  const accumulator = new RoomSurvivalAccumulator(
    { ...scope, filters: [{ dimension: "roomSize", values: ["2"], negated: false }] },
    null,
    tenMs + dayMs,
  );
  const startedAt = (minutes: number, seats: number) => roomOf(created(-9, { seats }), happened(minutes, "room_started"));
  for (const room of [startedAt(0, 2), startedAt(0, 3), startedAt(-1, 2), startedAt(1, 2), roomOf(created(0))]) accumulator.add(room);
  expect(accumulator.curves()).toMatchObject([{ rooms: 1, matched: 0, points: [], medianMs: null, medianInterval: [null, null] }]);
});

test("curves come apart by seats in the order of their number, and by genre with a room under each of its genres", () => {
  const room = (seats: number | undefined, genres: readonly string[]) =>
    roomOf(created(-1, { genres, ...(seats === undefined ? {} : { seats }) }), happened(0, "room_started"));
  const unsized = roomOf(happened(-1, "room_created", "ana", { genres: ["drama"] }), happened(0, "room_started"));
  const rooms = [room(10, ["drama"]), room(9, ["drama", "comedy"]), unsized];
  const curvesBy = (by: SurvivalGrouping) => curvesOf(rooms, tenMs + dayMs, by).map((curve) => [curve.by[by], curve.rooms]);
  expect(curvesBy("seats")).toEqual([
    ["9", 1],
    ["10", 1],
    ["unknown", 1],
  ]);
  expect(curvesBy("genre")).toEqual([
    ["comedy", 1],
    ["drama", 3],
  ]);
});

test("a curve of very many points is thinned, keeps its last one, and says how many are left out", () => {
  const rooms = Array.from({ length: survivalPointsMax + 1 }, (_, i) => matchedAt(i + 1));
  const [curve] = curvesOf(rooms, tenMs + 9 * dayMs);
  expect(curve?.points).toHaveLength(survivalPointsMax / 2 + 1);
  expect(curve?.pointsLeftOut).toBe(survivalPointsMax / 2);
  expect(curve?.points.at(-1)).toMatchObject({ ms: (survivalPointsMax + 1) * minuteMs, survival: 0 });
});
