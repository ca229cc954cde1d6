import { expect, test } from "vitest";
import { RoomFunnelAccumulator, stepsReached } from "./room-funnel.ts";
import { created, happened, roomOf, tenMs, voted } from "./room-of.testing.ts";

const joined = (minutes: number, userId: string) => happened(minutes, "join_room", userId);

test.each<[rule: string, reached: number, room: ReturnType<typeof roomOf>]>([
  ["a room of its host alone is created", 1, roomOf(created(0))],
  ["a host who joins as well is still one member", 1, roomOf(created(0), joined(1, "ana"))],
  ["a second member does not fill three seats", 2, roomOf(created(0, { seats: 3 }), joined(1, "bea"))],
  ["seats are filled by as many members", 3, roomOf(created(0), joined(1, "bea"))],
  ["a vote counts once seats are filled", 4, roomOf(created(0), joined(1, "bea"), voted(2, "bea"))],
  ["a vote of a room that never filled does not", 2, roomOf(created(0, { seats: 3 }), joined(1, "bea"), voted(2, "bea"))],
  ["a match is the last step", 5, roomOf(created(0), joined(1, "bea"), voted(2, "bea"), happened(3, "match_found"))],
  ["seats that nobody told of are not seen to fill", 2, roomOf(happened(0, "room_created", "ana"), joined(1, "bea"), voted(2, "bea"))],
  ["a room that nobody created took no step", 0, roomOf(joined(1, "bea"))],
])("%s", (_, reached, room) => {
  expect(stepsReached(room)).toBe(reached);
});

test("steps are counted in order and in any order, of the rooms created in the range", () => {
  const accumulator = new RoomFunnelAccumulator({ fromMs: tenMs, toMs: tenMs + 60_000, filters: [] });
  const matched = roomOf(created(0), joined(1, "bea"), voted(2, "bea"), happened(3, "match_found"));
  const alone = roomOf(created(0), voted(2, "ana"));
  const unsized = roomOf(happened(0, "room_created", "ana"), joined(1, "bea"));
  for (const room of [matched, alone, unsized, roomOf(created(-1)), roomOf(created(1)), roomOf(voted(0, "ana"))]) accumulator.add(room);
  expect(accumulator.seatsUnknown).toBe(1);
  expect(accumulator.steps().map(({ step, rooms, roomsInAnyOrder }) => [step, rooms, roomsInAnyOrder])).toEqual([
    ["created", 3, 3],
    ["second_member", 2, 2],
    ["seats_filled", 1, 1],
    ["first_vote", 1, 2],
    ["match", 1, 1],
  ]);
  expect(accumulator.steps()[2]).toMatchObject({
    ofCreated: { numerator: 1, denominator: 3 },
    ofStepBefore: { numerator: 1, denominator: 2, value: 0.5 },
  });
  expect(accumulator.steps()[0]?.ofStepBefore).toBeNull();
});
