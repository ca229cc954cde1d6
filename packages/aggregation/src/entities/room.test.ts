import type { Properties } from "@trinity/events/event";
import { describe, expect, test } from "vitest";
import { FoldedWorld, question } from "../folded-world.testing.ts";
import { storedEvent, vote } from "../stored-event.testing.ts";
import { contributionsOfRoom, endOfRoom, type Room, startOfRoom } from "./room.ts";

const hourMs = 3_600_000;
const tenMs = Date.parse("2026-11-20T10:00:00Z");

/** What happened in a room, at hours after ten o'clock. */
const happened = (hours: number, eventType: string, userId: string | null = null, properties: Properties = {}) =>
  storedEvent({ at: tenMs + hours * hourMs, eventType, userId, roomId: "room-1", properties });
const voted = (hours: number, userId = "ana") => vote({ at: tenMs + hours * hourMs, userId, roomId: "room-1" });

const roomOf = (...events: ReturnType<typeof happened>[]) =>
  new FoldedWorld().foldEvents(events, tenMs).entities.room.get("room-1") as Room;
const hoursAfterTen = (atMs: number | null) => (atMs === null ? null : (atMs - tenMs) / hourMs);
const endOf = (...events: ReturnType<typeof happened>[]) => {
  const { ending, atMs } = endOfRoom(roomOf(...events));
  return [ending, hoursAfterTen(atMs)];
};

describe("a room starts", () => {
  test("when it says so, even after the first vote", () => {
    expect(hoursAfterTen(startOfRoom(roomOf(voted(1), happened(2, "room_started"))))).toBe(2);
  });

  test("with its first vote where nothing says so, whichever vote arrives first", () => {
    expect(hoursAfterTen(startOfRoom(roomOf(voted(3), voted(1), voted(2))))).toBe(1);
  });

  test("not while nobody has voted", () => {
    expect(startOfRoom(roomOf(happened(0, "room_created"), happened(1, "join_room", "bea")))).toBeNull();
  });
});

describe("a room ends", () => {
  test("in consensus with the first of its match and its agreement", () => {
    expect(endOf(happened(2, "consensus_achieved"), happened(1, "match_found"))).toEqual(["consensus", 1]);
    expect(endOf(happened(1, "consensus_achieved"), happened(2, "match_found"))).toEqual(["consensus", 1]);
  });

  test("once, at the first report, when a match is reported twice", () => {
    expect(endOf(happened(2, "match_found"), happened(1, "match_found"))).toEqual(["consensus", 1]);
  });

  test("in consensus also where a close without one came before it", () => {
    expect(endOf(happened(1, "room_completed"), happened(2, "match_found"))).toEqual(["consensus", 2]);
  });

  test("without consensus when it is closed and nothing matched", () => {
    expect(endOf(voted(0), happened(2, "room_completed"), happened(1, "no_consensus"))).toEqual(["no_consensus", 1]);
  });

  test("abandoned, 24 hours after the last that was heard of it", () => {
    expect(endOf(happened(0, "room_created"), voted(1))).toEqual(["abandoned", 25]);
  });

  test("later when it speaks again, however long it was silent", () => {
    expect(endOf(happened(0, "room_created"), voted(1), voted(100))).toEqual(["abandoned", 124]);
    expect(endOf(happened(0, "room_created"), voted(1), happened(100, "match_found"))).toEqual(["consensus", 100]);
  });
});

/** What the metrics say of one room over ten days, at an instant so many hours after ten. */
function answered(metric: string, asOfHours: number, events: ReturnType<typeof happened>[], asked = {}) {
  const fromMs = Date.parse("2026-11-20");
  const query = question({ metric, fromMs, toMs: fromMs + 240 * hourMs, ...asked });
  return new FoldedWorld().foldEvents(events, tenMs).answer(query, tenMs + asOfHours * hourMs).totals;
}

describe("an open room", () => {
  const silent = [happened(0, "room_created"), voted(1)];

  test("is not abandoned before 24 hours of silence have passed", () => {
    expect(answered("rooms_ended", 24.99, silent)).toMatchObject([{ value: 0 }]);
    // The minute in which it is abandoned must be over.
    expect(answered("rooms_ended", 25 + 1 / 60, silent)).toMatchObject([{ value: 1 }]);
  });

  test("is open again when it speaks after that", () => {
    expect(answered("rooms_ended", 40, [...silent, voted(39)])).toMatchObject([{ value: 0 }]);
  });

  test("does not make the consensus rate smaller", () => {
    const matched = [{ ...happened(0, "match_found"), roomId: "room-2" as ReturnType<typeof happened>["roomId"] }];
    expect(answered("consensus_rate", 5, [...silent, ...matched])).toMatchObject([{ numerator: 1, denominator: 1 }]);
    expect(answered("consensus_rate", 30, [...silent, ...matched])).toMatchObject([{ numerator: 1, denominator: 2 }]);
  });
});

describe("the time to consensus", () => {
  test("is agreement less start", () => {
    const events = [voted(1), happened(2, "match_found"), happened(3, "consensus_achieved")];
    expect(answered("time_to_consensus", 20, events)).toMatchObject([{ value: 2 * hourMs, count: 1 }]);
  });

  test("takes the match where nothing says when the room agreed", () => {
    expect(answered("time_to_consensus", 20, [voted(1), happened(2, "match_found")])).toMatchObject([{ value: hourMs }]);
  });

  test("is nothing where the start is unknown, and never negative", () => {
    expect(answered("time_to_consensus", 20, [happened(2, "match_found")])).toMatchObject([{ value: null, count: 0 }]);
    expect(answered("time_to_consensus", 20, [happened(2, "match_found"), happened(3, "room_started")])).toMatchObject([{ value: 0 }]);
  });
});

describe("seats", () => {
  const created = (properties: Properties) => happened(0, "room_created", "ana", properties);

  test("are filled by the host and by everyone who joins, each person once", () => {
    const events = [
      created({ seats: 4 }),
      happened(1, "join_room", "bea"),
      happened(2, "join_room", "bea"),
      happened(2, "join_room", "ana"),
    ];
    expect(answered("seat_fill_rate", 20, events)).toMatchObject([{ numerator: 2, denominator: 4 }]);
  });

  test("are never filled more than there are", () => {
    const events = [created({ seats: 1 }), happened(1, "join_room", "bea")];
    expect(answered("seat_fill_rate", 20, events)).toMatchObject([{ numerator: 1, denominator: 1 }]);
  });

  test("that nobody told say nothing about filling, and the room's size is unknown", () => {
    expect(answered("seat_fill_rate", 20, [created({})])).toMatchObject([{ numerator: 0, denominator: 0, value: null }]);
    expect(answered("rooms_created", 20, [created({})], { by: ["roomSize"] })).toEqual([{ by: { roomSize: "unknown" }, value: 1 }]);
  });
});

describe("a creation that arrives after the rest of the room", () => {
  const late = happened(0, "room_created", "ana", { seats: 2, mediaType: "tv", genres: ["drama", "drama", "comedy"] });
  const world = new FoldedWorld().foldEvents([happened(1, "join_room", "bea"), voted(2)], tenMs).foldEvents([late], tenMs);
  const asked = { fromMs: tenMs, toMs: tenMs + 3 * hourMs };

  test("is where the room was created, with everyone seated by then", () => {
    expect(world.answer(question({ metric: "rooms_created", ...asked, granularity: "hour" }), tenMs).series[0]?.points[0]).toMatchObject({
      value: 1,
    });
    expect(world.answer(question({ metric: "seat_fill_rate", ...asked }), tenMs).totals).toMatchObject([{ numerator: 2, denominator: 2 }]);
  });

  test("moves the room's start to its size, its medium and each of its genres", () => {
    const startedBy = (name: "roomSize" | "mediaType" | "genre") =>
      world.answer(question({ metric: "rooms_started", ...asked, by: [name] }), tenMs).totals;
    expect(startedBy("roomSize")).toEqual([{ by: { roomSize: "2" }, value: 1 }]);
    expect(startedBy("mediaType")).toEqual([{ by: { mediaType: "tv" }, value: 1 }]);
    expect(startedBy("genre")).toEqual([
      { by: { genre: "comedy" }, value: 1 },
      { by: { genre: "drama" }, value: 1 },
    ]);
  });
});

test("a number of titles that no room offers, which a log may hold from before it had a limit, counts as none", () => {
  const offered = (titleCount: number) => {
    const [creation] = contributionsOfRoom(roomOf(happened(0, "room_created", "ana", { titleCount })));
    return creation?.amounts;
  };
  expect(offered(Number.MAX_SAFE_INTEGER)).toEqual(offered(0));
  expect(offered(100_000)).not.toEqual(offered(0));
});
