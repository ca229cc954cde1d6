import type { StoredEvent } from "@trinity/events/event";
import { expect, test } from "vitest";
import { FunnelAccumulator, type FunnelQuery } from "./funnel.ts";
import { type Said, storedEvent } from "./stored-event.testing.ts";

const minute = 60_000;
const startMs = Date.UTC(2026, 10, 22);
const query: FunnelQuery = {
  steps: ["user_login", "join_room", "vote_content"],
  windowMs: 60 * minute,
  order: "ordered",
  hold: null,
  fromMs: startMs,
  toMs: startMs + 1_440 * minute,
  filters: [],
};

/** @param minutes after the start of the range */
const at = (minutes: number, eventType: string, said: Partial<Said> = {}) =>
  storedEvent({ userId: "ana", ...said, eventType, at: startMs + minutes * minute });
const login = (minutes: number, said?: Partial<Said>) => at(minutes, "user_login", said);
const join = (minutes: number, said?: Partial<Said>) => at(minutes, "join_room", said);
const vote = (minutes: number, said?: Partial<Said>) => at(minutes, "vote_content", said);

function stepsOf(events: readonly StoredEvent[], change: Partial<FunnelQuery> = {}, asOfMs = Number.MAX_SAFE_INTEGER) {
  const accumulator = new FunnelAccumulator({ ...query, ...change }, asOfMs);
  for (const event of events) accumulator.add(event);
  return accumulator.steps();
}
const usersOf = (...asked: Parameters<typeof stepsOf>) => stepsOf(...asked).map(({ users }) => users);

test("each step has the users whose attempt reaches it, the conversion and the time from the step before", () => {
  const events = [
    login(0),
    join(10),
    vote(12),
    ...[login(0), join(20)].map((event) => ({ ...event, userId: "bea" as never })),
    ...[login(0), join(30), vote(50)].map((event) => ({ ...event, userId: "cai" as never })),
    login(5, { userId: "dan" }),
  ];
  const [first, second, third] = stepsOf(events);
  expect(first).toMatchObject({ name: "user_login", users: 4, fromPrevious: null, p25Ms: null, medianMs: null, p75Ms: null });
  expect(second).toMatchObject({ users: 3, p25Ms: 10 * minute, medianMs: 20 * minute, p75Ms: 30 * minute });
  expect(third).toMatchObject({ users: 2, p25Ms: 2 * minute, medianMs: 2 * minute, p75Ms: 20 * minute });
  expect(third?.fromFirst).toMatchObject({ numerator: 2, denominator: 4, value: 0.5 });
  expect(third?.fromPrevious).toMatchObject({ numerator: 2, denominator: 3, value: 2 / 3 });
  // Wilson's interval of 2 of 4, as R's prop.test(2, 4, correct = FALSE) gives it.
  expect(third?.fromFirst.interval?.map((bound) => bound.toFixed(4))).toEqual(["0.1500", "0.8500"]);
});

test("a funnel that nobody begins has no users, no times and no conversion", () => {
  const [first, second] = stepsOf([join(1), vote(2)]);
  expect(first).toMatchObject({ users: 0, fromFirst: { value: null, interval: null }, fromPrevious: null });
  expect(second).toMatchObject({ users: 0, medianMs: null, fromPrevious: { value: null, interval: null } });
});

test("a step exactly a window after the first event is within, a millisecond later it is not", () => {
  expect(usersOf([login(0), join(60)])).toEqual([1, 1, 0]);
  expect(usersOf([login(0), join(60 + 1 / minute)])).toEqual([1, 0, 0]);
});

test("the window begins at the first event of the attempt, not at the step before", () => {
  expect(usersOf([login(0), join(50), vote(70)])).toEqual([1, 1, 0]);
});

test("an attempt begins in [from, to), and its later steps may be after it", () => {
  expect(usersOf([login(-1 / minute), join(1)])).toEqual([0, 0, 0]);
  expect(usersOf([login(0), join(1)])).toEqual([1, 1, 0]);
  expect(usersOf([login(1_440), join(1_441)])).toEqual([0, 0, 0]);
  expect(usersOf([login(1_439), join(1_441), vote(1_442)])).toEqual([1, 1, 1]);
});

test("an event after the present does not count yet", () => {
  expect(usersOf([login(0), join(1), vote(2)], {}, startMs + minute)).toEqual([1, 1, 0]);
});

const placed = (event: StoredEvent, index: number, batch = 1): StoredEvent => ({ ...event, position: { batch, index } });
const counted = (event: StoredEvent, sequence: number): StoredEvent => ({ ...event, sequence });

test("events at one instant are in the order of their request, not of their ids", () => {
  expect(usersOf([placed(login(0, { eventId: "b" }), 0), placed(join(0, { eventId: "a" }), 1)])).toEqual([1, 1, 0]);
  expect(usersOf([placed(login(0, { eventId: "a" }), 1), placed(join(0, { eventId: "b" }), 0)])).toEqual([1, 0, 0]);
});

test("a sequence orders events of one instant across requests, within a session and source", () => {
  expect(usersOf([counted(login(0), 7), counted(join(0), 8)])).toEqual([1, 1, 0]);
  expect(usersOf([counted(login(0), 8), counted(join(0), 7)])).toEqual([1, 0, 0]);
  expect(usersOf([counted(login(0, { sessionId: "one" }), 8), counted(join(0, { sessionId: "two" }), 7)])).toEqual([1, 1, 0]);
  expect(usersOf([counted(login(0), 7), counted(join(0), 7)])).toEqual([1, 1, 0]);
});

test("at one instant, an unknown order does not lose a conversion, and a known order is never contradicted", () => {
  expect(usersOf([vote(0), join(0), login(0)])).toEqual([1, 1, 1]);
  expect(usersOf([vote(0), join(0), login(0)], { order: "strict" })).toEqual([1, 1, 1]);
  expect(usersOf([placed(login(0), 3), placed(join(0), 0, 2)])).toEqual([1, 1, 0]);
  // In the request the vote is before the login, so the vote can only be the third step if an earlier login is the first.
  expect(usersOf([placed(vote(0), 0), placed(login(0), 1), join(0)])).toEqual([1, 1, 0]);
  expect(usersOf([login(-1), placed(vote(0), 0), placed(login(0), 1), join(0)], { fromMs: startMs - minute })).toEqual([1, 1, 1]);
});

test("ordered: other events may be between the steps, and a step out of order does not count", () => {
  expect(usersOf([login(0), at(1, "screen_view"), vote(2), join(3), at(4, "screen_view"), vote(5)])).toEqual([1, 1, 1]);
  expect(usersOf([login(0), vote(2), join(3)])).toEqual([1, 1, 0]);
});

test("ordered: the next step is the earliest event of its type after the step before", () => {
  const [, second, third] = stepsOf([login(0), join(10), join(20), vote(25), vote(30)]);
  expect([second?.medianMs, third?.medianMs]).toEqual([10 * minute, 15 * minute]);
});

test("strict: the next event must be the next step, and any event between them ends the attempt", () => {
  const strict = { order: "strict" } as const;
  expect(usersOf([login(0), join(1), vote(2)], strict)).toEqual([1, 1, 1]);
  expect(usersOf([login(0), join(1), at(1.5, "screen_view"), vote(2)], strict)).toEqual([1, 1, 0]);
  expect(usersOf([login(0), login(1), join(2)], strict)).toEqual([1, 1, 0]);
});

test("strict: events without a user, of another user and of machines are not between steps", () => {
  const between = [at(1, "screen_view", { userId: null }), at(1, "screen_view", { userId: "bea" }), at(1, "log_record")];
  expect(usersOf([login(0), ...between, join(2)], { order: "strict" })).toEqual([1, 1, 0]);
});

test("strict: with hold room, only events in that room can be between steps", () => {
  const events = [join(0, { roomId: "one" }), vote(1, { roomId: "two" }), at(2, "screen_view"), vote(3, { roomId: "one" })];
  const change = { steps: ["join_room", "vote_content"], order: "strict" } as const;
  expect(usersOf(events, { ...change, hold: "room" })).toEqual([1, 1]);
  expect(usersOf([...events, at(2, "room_started", { roomId: "one" })], { ...change, hold: "room" })).toEqual([1, 0]);
});

test("unordered: an attempt begins with any step and counts the steps within the window in any order", () => {
  const unordered = { order: "unordered" } as const;
  expect(usersOf([vote(0), login(10), join(20)], unordered)).toEqual([1, 1, 1]);
  expect(usersOf([vote(0), vote(1), vote(2)], unordered)).toEqual([1, 0, 0]);
  expect(usersOf([vote(-1), login(10), join(20)], unordered)).toEqual([1, 1, 0]);
  expect(usersOf([vote(0), login(50), join(70)], unordered)).toEqual([1, 1, 0]);
  expect(stepsOf([vote(0), vote(5), login(10), join(30)], unordered).map(({ medianMs }) => medianMs)).toEqual([
    null,
    10 * minute,
    20 * minute,
  ]);
});

test("hold room: all events of an attempt are in one room, and a user with several rooms counts once", () => {
  const hold = { steps: ["join_room", "vote_content"], hold: "room" } as const;
  expect(usersOf([join(0, { roomId: "one" }), vote(1, { roomId: "two" })], hold)).toEqual([1, 0]);
  expect(usersOf([join(0, { roomId: "one" }), vote(1, { roomId: "one" }), join(2, { roomId: "two" })], hold)).toEqual([1, 1]);
  expect(usersOf([join(0), vote(1)], hold)).toEqual([0, 0]);
});

test("hold title: all events of an attempt are about one title", () => {
  const about = (contentId: string) => ({ properties: { contentId } });
  const hold = { steps: ["title_shown", "vote_content"], hold: "title" } as const;
  expect(usersOf([at(0, "title_shown", about("movie:1")), vote(1, about("movie:2"))], hold)).toEqual([1, 0]);
  expect(usersOf([at(0, "title_shown", about("movie:1")), vote(1, about("movie:1"))], hold)).toEqual([1, 1]);
});

test("the attempt that reaches the most steps counts; of several, the earliest", () => {
  const short = [login(0), join(10)];
  const long = [login(100), join(101), vote(103)];
  const second = [login(200), join(220), vote(230)];
  expect(stepsOf([...second, ...long, ...short]).map(({ medianMs }) => medianMs)).toEqual([null, minute, 2 * minute]);
});

test("of attempts in two rooms that reach as many steps, the earliest counts", () => {
  const inRoom = (roomId: string, from: number, length: number) => [join(from, { roomId }), vote(from + length, { roomId })];
  const [, votes] = stepsOf([...inRoom("one", 10, 5), ...inRoom("two", 0, 20)], { steps: ["join_room", "vote_content"], hold: "room" });
  expect(votes?.medianMs).toBe(20 * minute);
});

test.each(["ordered", "strict", "unordered"] as const)("%s: a type at two steps takes two events", (order) => {
  const steps = ["vote_content", "vote_content"];
  expect(usersOf([vote(0)], { steps, order })).toEqual([1, 0]);
  expect(usersOf([vote(0), vote(3)], { steps, order })).toEqual([1, 1]);
});

test("an event that does not pass the filters is ignored", () => {
  const filters = [{ dimension: "platform", values: ["ios"], negated: true }] as const;
  const ios = { context: { platform: "ios" } };
  expect(usersOf([login(0), join(1, ios), vote(2)], { filters })).toEqual([1, 0, 0]);
  expect(usersOf([login(0), at(1, "screen_view", ios), join(2)], { filters, order: "strict" })).toEqual([1, 1, 0]);
});

test("events that are added out of order give the same answer", () => {
  const events = [login(0), join(0), vote(2), login(3), join(3), vote(3)];
  expect(stepsOf(events.toReversed())).toEqual(stepsOf(events));
});
