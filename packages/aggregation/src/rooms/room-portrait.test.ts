import type { StoredEvent } from "@trinity/events/event";
import fc from "fast-check";
import { expect, test } from "vitest";
import { endOfRoom, type Room } from "../entities/room.ts";
import { FoldedWorld, question } from "../folded-world.testing.ts";
import { anyWorld } from "../world-arbitrary.testing.ts";
import { created, happened, tenMs, voted, worldOf } from "./room-of.testing.ts";
import { portraitOf } from "./room-portrait.ts";
import { satisfactionOfRoom } from "./room-satisfaction.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

const portraitAt = (asOfMs: number, ...events: readonly StoredEvent[]) => {
  const { room, roomMember, roomTitle } = worldOf(...events).entities;
  const own = <T>(parts: ReadonlyMap<string, T>) => new Map([...parts].map(([key, part]) => [key.slice("room-1/".length), part]));
  return portraitOf(room.get("room-1") as Room, { members: own(roomMember), titles: own(roomTitle) }, asOfMs);
};

test("a room is told with its milestones, its people, its titles and the steps it took", () => {
  const events = [
    created(0),
    happened(1, "join_room", "bea"),
    happened(2, "screen_view", "cai"),
    voted(3, "bea", "dislike", "movie:2"),
    voted(4, "ana"),
    voted(5, "bea"),
    happened(6, "match_found", null, { contentId: "movie:1" }),
    happened(7, "leave_room", "bea"),
  ];
  expect(portraitAt(tenMs + dayMs, ...events)).toMatchObject({
    seats: 2,
    state: "consensus",
    milestones: {
      createdMs: tenMs,
      startedMs: tenMs + 3 * minuteMs,
      matchedMs: tenMs + 6 * minuteMs,
      endedMs: tenMs + 6 * minuteMs,
      closedMs: null,
    },
    votes: 3,
    matches: 1,
    people: [
      { userId: "ana", member: true, votes: 1, droppedOut: false },
      { userId: "bea", member: true, votes: 2, leftMs: tenMs + 7 * minuteMs, droppedOut: false },
      { userId: "cai", member: false, votes: 0 },
    ],
    titles: [
      { contentId: "movie:1", votes: 2, likes: 2, matched: true },
      { contentId: "movie:2", votes: 1, likes: 0, matched: false },
    ],
  });
  expect(portraitAt(tenMs, ...events).steps.every(({ taken, reached }) => taken && reached)).toBe(true);
});

test("a silent room is open for a day, then abandoned", () => {
  expect(portraitAt(tenMs + dayMs - 1, created(0))).toMatchObject({ state: "open", milestones: { endedMs: null } });
  expect(portraitAt(tenMs + dayMs, created(0))).toMatchObject({ state: "abandoned", milestones: { endedMs: tenMs + dayMs } });
});

test("the satisfaction of one room is the metric's, over that room alone", () => {
  fc.assert(
    fc.property(anyWorld, ({ events, aroundMs }) => {
      const own = events.filter(({ roomId, eventType }) => roomId === "room-1" && eventType !== "span");
      const world = new FoldedWorld().foldEvents(own, aroundMs);
      const room = world.entities.room.get("room-1");
      if (room === undefined) return;
      const { atMs } = endOfRoom(room);
      const asked = question({ metric: "room_satisfaction", fromMs: atMs, toMs: atMs + 1 });
      const { by: _, ...counted } = world.answer(asked, atMs + dayMs, "log").totals[0] as { readonly by: object };
      expect(satisfactionOfRoom(room, null)).toEqual(counted);
    }),
    { numRuns: 200 },
  );
});
