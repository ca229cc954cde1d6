import { expect, test } from "vitest";
import { bestRoomSize } from "./best-room-size.ts";
import { roomAdvice } from "./room-advice.ts";
import { created, happened, roomOf, voted } from "./room-of.testing.ts";

const bea = happened(1, "join_room", "bea");
const match = happened(9, "match_found", null, { contentId: "movie:1" });
const close = happened(9, "no_consensus");
const many = <T>(count: number, room: T): T[] => Array.from({ length: count }, () => room);

const filledAndAgreed = roomOf(created(0), bea, voted(2, "bea"), match);
const filledOnly = roomOf(created(0), bea, voted(2, "bea"));
const lonely = roomOf(created(0), voted(2, "ana"));

const lonelyButAgreed = roomOf(created(0), voted(2, "ana"), match);

test("nothing is said of nothing, and nothing where rooms do not differ by more than chance", () => {
  expect(roomAdvice([], null)).toEqual([]);
  expect(roomAdvice([...many(6, filledAndAgreed), ...many(6, filledOnly), ...many(12, lonely), ...many(5, lonelyButAgreed)], null)).toEqual(
    [],
  );
});

test("nothing is said of fewer than ten rooms on either side, however they differ", () => {
  expect(roomAdvice([...many(9, lonely), ...many(90, filledAndAgreed)], null)).toEqual([]);
  expect(roomAdvice([...many(10, lonely), ...many(90, filledAndAgreed)], null)).toHaveLength(1);
});

test("seats that never fill are found, with both shares, the difference and the rooms at stake", () => {
  const [advice, ...rest] = roomAdvice([...many(30, filledAndAgreed), ...many(10, filledOnly), ...many(20, lonely)], null);
  expect(rest).toEqual([]);
  expect(advice).toMatchObject({
    finding: "seats_never_fill",
    metric: "consensus_rate",
    share: { numerator: 0, denominator: 20 },
    comparedWith: { numerator: 30, denominator: 40, value: 0.75 },
    rooms: 20,
    roomsAtStake: 15,
  });
  expect(advice?.difference.difference).toBe(-0.75);
  expect(advice?.difference.high).toBeLessThan(0);
});

test("a difference in the other direction is no reason for advice", () => {
  expect(roomAdvice([...many(30, filledOnly), ...many(30, lonelyButAgreed)], null)).toEqual([]);
});

test("silent drop-outs are members who were reported silent and not seen again before the end", () => {
  const silence = happened(5, "member_inactive", "bea", { level: "inactive" });
  const silent = roomOf(created(0), bea, silence, close);
  const backAgain = roomOf(created(0), bea, silence, voted(6, "bea"), match);
  const findings = roomAdvice([...many(20, silent), ...many(20, backAgain)], null);
  expect(findings).toMatchObject([{ finding: "silent_dropouts", rooms: 20, comparedWith: { numerator: 20, denominator: 20 } }]);
});

test("short lists of titles are found where they run out more often; rooms that did not say how many count for nothing", () => {
  const closed = (titleCount: number) => roomOf(created(0, { titleCount }), bea, close);
  const ended = (titleCount: number) => roomOf(created(0, { titleCount }), bea, match);
  const rooms = [...many(20, closed(10)), ...many(5, ended(10)), ...many(5, closed(50)), ...many(45, ended(50)), ...many(9, closed(0))];
  expect(roomAdvice(rooms, null)).toMatchObject([
    {
      finding: "titles_exhausted",
      metric: "no_consensus_rate",
      share: { numerator: 20, denominator: 25 },
      comparedWith: { numerator: 5, denominator: 50 },
    },
  ]);
});

test("sizes that do worse than the best are found, those with most rooms at stake first", () => {
  const size = (roomSize: string, consensus: number, rooms: number) => ({ roomSize, consensus, rooms });
  const best = bestRoomSize([size("2", 240, 300), size("3", 120, 300), size("4", 10, 40), size("5", 3, 4)]);
  expect(roomAdvice([], best).map(({ finding, about, comparedWith }) => [finding, about, comparedWith.about])).toEqual([
    ["size_far_from_optimal", "rooms of 3 seats", "rooms of 2 seats"],
    ["size_far_from_optimal", "rooms of 4 seats", "rooms of 2 seats"],
  ]);
});
