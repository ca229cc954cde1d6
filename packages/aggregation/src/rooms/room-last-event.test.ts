import type { StoredEvent } from "@trinity/events/event";
import { expect, test } from "vitest";
import type { Room } from "../entities/room.ts";
import { LastEventAccumulator } from "./room-last-event.ts";
import { created, happened, roomOf, tenMs, voted } from "./room-of.testing.ts";

type Events = readonly StoredEvent[];

const of = (...rooms: readonly (readonly [string, Room])[]) => {
  const accumulator = new LastEventAccumulator();
  for (const [roomId, room] of rooms) accumulator.include(roomId, room);
  return accumulator;
};

const lastOf = (...events: Events) => {
  const accumulator = of(["room-1", roomOf(...events)]);
  for (const event of events) {
    if (event.timestampMs >= accumulator.range.fromMs && event.timestampMs < accumulator.range.toMs) accumulator.add(event);
  }
  return accumulator.counts().map(({ eventType, rooms }) => (expect(rooms).toBe(1), eventType))[0];
};

test.each<[rule: string, last: string, events: Events]>([
  ["of an abandoned room it is its last event", "screen_view", [created(0), voted(1, "ana"), happened(2, "screen_view", "ana")]],
  [
    "of a room that ended it lies before the end",
    "vote_content",
    [voted(1, "ana"), happened(2, "match_found"), happened(3, "screen_view")],
  ],
  ["what happens at the very end does not", "room_created", [created(0), happened(2, "match_found"), voted(2, "ana")]],
  ["reports of an ending are none", "vote_content", [voted(1, "ana"), happened(2, "room_stalled"), happened(3, "room_abandoned")]],
  ["of two at one instant it is that with the higher id", "leave_room", [created(0), voted(1, "ana"), happened(1, "leave_room", "ana")]],
  ["of a room of which only an ending is known there is none", "none", [happened(2, "match_found")]],
])("%s, in whatever order they come", (_, last, events) => {
  expect(lastOf(...events)).toBe(last);
  expect(lastOf(...events.toReversed())).toBe(last);
});

test("a room that was silent for long before it closed is looked for where it was last heard of", () => {
  expect(lastOf(created(0), voted(1, "ana"), happened(3_000, "room_completed"))).toBe("vote_content");
});

test("events of other rooms and of no room change nothing", () => {
  const accumulator = of(["room-1", roomOf(created(0))]);
  accumulator.add({ ...voted(1, "ana"), roomId: null });
  accumulator.add({ ...voted(1, "ana"), roomId: "room-2" as never });
  expect(accumulator.counts()).toEqual([{ isAbandoned: true, eventType: "none", rooms: 1 }]);
  accumulator.add(created(0));
  expect(accumulator.counts()).toEqual([{ isAbandoned: true, eventType: "room_created", rooms: 1 }]);
});

test("abandoned rooms and others are counted apart, and those of which nothing was found as none", () => {
  const closed = roomOf(created(0), happened(2, "no_consensus"));
  const accumulator = of(["a", roomOf(created(0))], ["b", closed], ["c", closed], ["d", closed]);
  const counts = [
    { isAbandoned: true, eventType: "vote_content", rooms: 1 },
    { isAbandoned: false, eventType: "vote_content", rooms: 1 },
  ];
  expect(accumulator.withoutAny(counts)).toEqual([...counts, { isAbandoned: false, eventType: "none", rooms: 2 }]);
  expect(of().withoutAny([])).toEqual([]);
});

test("more rooms than fit in memory are not kept", () => {
  const accumulator = new LastEventAccumulator(2);
  const isTooMany = ["a", "b", "c", "d"].map((roomId) => (accumulator.include(roomId, roomOf(created(0))), accumulator.isTooMany));
  expect([isTooMany, accumulator.roomIds.length]).toEqual([[false, false, true, true], 2]);
});

test("no more of the log is asked for than from the last that is known of each room", () => {
  const abandoned = roomOf(created(0), happened(5, "join_room", "bea"), voted(9, "bea"), happened(600, "screen_view", "ana"));
  const { range } = of(["room-1", abandoned]);
  expect(range).toEqual({ fromMs: tenMs + 9 * 60_000, toMs: tenMs + 600 * 60_000 + 1 });
  const nothing = of().range;
  expect(nothing.fromMs < nothing.toMs).toBe(false);
});
