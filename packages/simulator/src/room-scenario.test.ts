import { describe, expect, test } from "vitest";
import type { Rate } from "./day-curve.ts";
import { seatShares, tvShare } from "./room-plan.ts";
import { dayMs, eventsOf, fromMs, ofType, simulated, timeOf } from "./simulated-events.testing.ts";

/** Rooms close together: enough of them for shares within a short time. */
const busy: Rate = { perDay: 3_000 };

describe("rooms", () => {
  const events = eventsOf(simulated({ roomRate: busy, scale: 1, toMs: fromMs + dayMs, seed: 11 }));
  const created = ofType(events, "room_created");
  const byRoom = Map.groupBy(
    events.filter((event) => event.roomId !== undefined),
    (event) => event.roomId ?? "",
  );

  test("are for two to six people in the shares that were measured", () => {
    for (const [seats, percent] of seatShares) {
      const share = created.filter((event) => event.properties["seats"] === seats).length / created.length;
      expect(Math.abs(share - percent / 100)).toBeLessThan(0.04);
    }
  });

  test("look for series once in four", () => {
    const share = created.filter((event) => event.properties["mediaType"] === "tv").length / created.length;
    expect(Math.abs(share - tvShare)).toBeLessThan(0.04);
  });

  test("stay short of a quarter of full ones", () => {
    const short = created.filter((event) => {
      const joined = new Set(ofType(byRoom.get(event.roomId ?? "") ?? [], "join_room").map((join) => join.userId));
      return joined.size + 1 < Number(event.properties["seats"]);
    });
    expect(short.length / created.length).toBeGreaterThan(0.17);
    expect(short.length / created.length).toBeLessThan(0.4);
  });

  test("say nothing before they exist", () => {
    const early = created.flatMap((creation) =>
      (byRoom.get(creation.roomId ?? "") ?? []).filter((event) => timeOf(event) < timeOf(creation)),
    );
    expect(early).toEqual([]);
    expect([...byRoom.values()].filter((own) => own[0]?.eventType !== "room_created")).toEqual([]);
  });

  test("stop at their match, which has as many likes as there are seats", () => {
    const matches = ofType(events, "match_found");
    expect(matches.length).toBeGreaterThan(500);
    for (const match of matches) {
      const own = byRoom.get(match.roomId ?? "") ?? [];
      const votes = ofType(own, "vote_content");
      const likes = votes.filter(
        (vote) => vote.properties["contentId"] === match.properties["contentId"] && vote.properties["vote"] === "like",
      );
      expect(likes.length).toBe(own[0]?.properties["seats"]);
      expect(votes.filter((vote) => timeOf(vote) > timeOf(match))).toEqual([]);
    }
  });

  test("never take two votes of one member on one title, and never more than fifty", () => {
    const perMember = Map.groupBy(ofType(events, "vote_content"), (vote) => `${vote.roomId} ${vote.userId}`);
    for (const votes of perMember.values()) {
      expect(new Set(votes.map((vote) => vote.properties["contentId"])).size).toBe(votes.length);
      expect(votes.length).toBeLessThanOrEqual(50);
    }
  });

  // 1 - (1 - p^N)^50 with p between 0.25 and 0.5, wide enough for those who drop out and for moods that are shared.
  test.each([
    [2, 0.85, 1],
    [3, 0.55, 1],
    [4, 0.18, 0.9],
    [5, 0.05, 0.8],
  ])("of %i agree in the measure that shared taste gives, once full", (seats, least, most) => {
    const full = created.filter((event) => {
      const joined = new Set(ofType(byRoom.get(event.roomId ?? "") ?? [], "join_room").map((join) => join.userId));
      return event.properties["seats"] === seats && joined.size + 1 === seats;
    });
    const matched = full.filter((event) => (byRoom.get(event.roomId ?? "") ?? []).some((other) => other.eventType === "match_found"));
    expect(matched.length / full.length).toBeGreaterThanOrEqual(least);
    expect(matched.length / full.length).toBeLessThanOrEqual(most);
  });

  test("are told by app sessions that belong to one person each", () => {
    const people = Map.groupBy(
      events.filter((event) => event.sessionId !== undefined),
      (event) => event.sessionId,
    );
    expect([...people.values()].filter((own) => new Set(own.map((event) => event.userId)).size !== 1)).toEqual([]);
  });

  test("have server facts without a session and app events with one", () => {
    expect(events.filter((event) => (event.source.system === "app") !== (event.sessionId !== undefined))).toEqual([]);
  });
});
