import type { Pseudonym } from "@trinity/events/event";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import { readChildrenOfRoom } from "./read-children-of-room.ts";

test.each([0, 2, 3, 149, 150, 400])(
  "ballots and seats of a room are all its own, also where %i are expected, and none of a room whose id begins alike",
  async (expected) => {
    const store = openMemoryStore();
    const vote = (roomId: string, title: number) =>
      newEvent(`${roomId}-${title}`, {
        roomId: roomId as Pseudonym,
        userId: `u${title % 3}` as Pseudonym,
        properties: { contentId: `movie:${title}`, vote: "like" },
      });
    const titles = Array.from({ length: 150 }, (_, i) => i);
    await store.append(
      batchOf([...titles.map((title) => vote("r1", title)), ...titles.map((title) => vote("r1-b", title)), vote("r0", 7), vote("r2", 7)]),
    );
    await foldAll(store, () => 0);
    const ballots = await readChildrenOfRoom(store, "roomTitle", "r1", expected);
    expect([...ballots.keys()].sort()).toEqual(titles.map((title) => `movie:${title}`).sort());
    expect(ballots.get("movie:7")).toMatchObject({ votes: 1, likes: 1 });
    const seats = await readChildrenOfRoom(store, "roomMember", "r1", expected);
    expect([...seats].map(([userId, { votes }]) => [userId, votes])).toEqual([
      ["u0", 50],
      ["u1", 50],
      ["u2", 50],
    ]);
    expect((await readChildrenOfRoom(store, "roomMember", "r9", 3)).size).toBe(0);
  },
);
