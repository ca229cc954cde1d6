import type { EntityWrite } from "@trinity/aggregation/entity";
import { inferredSessionKey } from "@trinity/aggregation/inferred-session";
import { describe, expect, test } from "vitest";
import type { EventStore } from "../event-store.ts";
import { allEntities } from "./store-contents.testing.ts";
import { commit, title } from "./store-examples.testing.ts";
import { type OpenStore, usingStore } from "./store-under-test.testing.ts";

export function entityCommitConformance(open: OpenStore): void {
  describe("entities in commitFold", () => {
    test("an entity is written, replaced and deleted", () =>
      usingStore(open, async ({ store, reopen }) => {
        await commit(store, { entities: [title("movie:1"), title("movie:2", 1)] });
        await commit(store, { entities: [title("movie:2", 2), { kind: "title", key: "movie:1", value: null }, gone("movie:3")] });
        expect(await allEntities(await reopen(), "title")).toEqual([{ key: "movie:2", value: title("movie:2", 2).value }]);
      }));

    test("readEntities finds the entities that exist, by kind and key", () =>
      usingStore(open, async ({ store }) => {
        await commit(store, { entities: [title("same"), run("same", 5_000)] });
        const refs = [
          { kind: "title" as const, key: "same" },
          { kind: "session" as const, key: "same" },
          { kind: "title" as const, key: "other" },
        ];
        const found = await store.readEntities({ refs, inferredSessions: [] });
        expect(found.title).toEqual(new Map([["same", title("same").value]]));
        expect([found.session.size, found.inferredSession.size, found.user.size, found.room.size]).toEqual([0, 0, 0, 0]);
      }));

    test("a range of inferred sessions includes those that start in it, both ends included, and the last one before", () =>
      usingStore(open, async ({ store }) => {
        await commit(store, { entities: [1_000, 2_000, 3_000, 4_000].map((startMs) => run("u", startMs)) });
        const starts = async (fromMs: number, toMs: number) =>
          [...(await store.readEntities({ refs: [], inferredSessions: [{ userId: "u", fromMs, toMs }] })).inferredSession.values()]
            .map(({ startMs }) => startMs)
            .sort();
        expect(await starts(2_000, 3_000)).toEqual([1_000, 2_000, 3_000]);
        expect(await starts(2_001, 2_999)).toEqual([2_000]);
        expect(await starts(9_000, 9_999)).toEqual([4_000]);
        expect(await starts(-500, 999)).toEqual([]);
        expect(await starts(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)).toEqual([1_000, 2_000, 3_000, 4_000]);
      }));

    test("a range of inferred sessions includes no other user's", () =>
      usingStore(open, async ({ store }) => {
        await commit(store, { entities: [run("a", 1_000), run("b", 1_000), run("ab", 1_000)] });
        const inferredSessions = [{ userId: "b", fromMs: 5_000, toMs: 6_000 }];
        expect([...(await store.readEntities({ refs: [], inferredSessions })).inferredSession.keys()]).toEqual([
          inferredSessionKey("b", 1_000),
        ]);
        expect(
          (await store.readEntities({ refs: [], inferredSessions: [{ userId: "c", fromMs: 0, toMs: 9_000 }] })).inferredSession.size,
        ).toBe(0);
      }));
  });

  describe("readParts", () => {
    test("the parts of each entity are by the rest of their keys, in order of UTF-8 bytes, and of one kind", () =>
      usingStore(open, async ({ store }) => {
        const rests = ["Z", "a", "a/1", "é", "\uffee", "🎬", "🎭"];
        await commit(store, { entities: [...rests].reverse().flatMap((rest) => [member(`r/${rest}`, 1), member(`q/${rest}`, 2)]) });
        await commit(store, { entities: [roomTitle("r/only", 3), title("r/a")] });
        const members = await store.readParts("roomMember", ["r", "q"]);
        expect(members.map((parts) => [...parts])).toEqual([1, 2].map((votes) => rests.map((rest) => [rest, { votes }])));
        const titles = await store.readParts("roomTitle", ["r", "q"]);
        expect(titles.map((parts) => [...parts])).toEqual([[["only", roomTitle("r/only", 3).value]], []]);
      }));

    test("the parts of the named entities come in the order of the names, and none of an entity whose key begins alike", () =>
      usingStore(open, async ({ store }) => {
        // "-" and "." sort before "/", "0" and the others after it.
        const characters = ["a", "-", ".", "0", "🎬"];
        const longer = (words: readonly string[]) => words.flatMap((word) => characters.map((character) => word + character));
        const rooms = [characters, longer(characters), longer(longer(characters))].flat();
        await commit(store, { entities: rooms.flatMap((room, i) => [member(`${room}/0`, i), member(`${room}/🎬/`, i)]) });
        const names = [...rooms, "b", "a0a0", ...rooms.slice(0, 9)].reverse();
        const expected = names.map((name) => {
          const votes = rooms.indexOf(name);
          return votes === -1 ? [] : ["0", "🎬/"].map((rest) => [rest, { votes }]);
        });
        expect((await store.readParts("roomMember", names)).map((parts) => [...parts])).toEqual(expected);
        expect(await store.readParts("roomMember", [])).toEqual([]);
      }));

    test("parts are as the last commit left them", () =>
      usingStore(open, async ({ store, reopen }) => {
        const read = async (from: EventStore) => (await from.readParts("roomMember", ["r"])).map((parts) => [...parts]);
        expect(await read(store)).toEqual([[]]);
        await commit(store, { entities: [member("r/ana", 1), member("r/bea", 1), member("r/cai", 1)] });
        expect(await read(store)).toEqual([["ana", "bea", "cai"].map((rest) => [rest, { votes: 1 }])]);
        await commit(store, { entities: [member("r/bea", 2), { kind: "roomMember", key: "r/ana", value: null }] });
        const left = [["bea", { votes: 2 }] as const, ["cai", { votes: 1 }] as const];
        expect(await read(store)).toEqual([left]);
        expect(await read(await reopen())).toEqual([left]);
      }));

    test("parts of several entities are read at one moment while folds go on", () =>
      usingStore(open, async ({ store }) => {
        const rooms = ["a", "b", "c"];
        const write = async () => {
          for (let votes = 1; votes <= 20; votes++) await commit(store, { entities: rooms.map((room) => member(`${room}/ana`, votes)) });
        };
        const read = async () => {
          for (let i = 0; i < 20; i++) {
            const votes = (await store.readParts("roomMember", rooms)).map((parts) => parts.get("ana")?.votes);
            expect(new Set(votes).size).toBe(1);
          }
        };
        await Promise.all([write(), read()]);
        expect((await store.readParts("roomMember", rooms)).map((parts) => parts.get("ana")?.votes)).toEqual([20, 20, 20]);
      }));
  });

  describe("scanEntities", () => {
    test("pages are complete, in order of UTF-8 bytes, and of one kind", () =>
      usingStore(open, async ({ store }) => {
        const keys = ["Z", "a", "a/1", "é", "\uffee", "🎬", "🎭"];
        await commit(store, { entities: [...keys].reverse().map((key) => title(key)) });
        await commit(store, { entities: [run("zz", 1_000)] });
        for (const limit of [1, 2, 3, 7, 100]) expect((await allEntities(store, "title", limit)).map(({ key }) => key)).toEqual(keys);
        expect(await store.scanEntities("title", "b", 2)).toEqual(["é", "\uffee"].map((key) => ({ key, value: title(key).value })));
      }));
  });
}

function gone(key: string): EntityWrite {
  return { kind: "title", key, value: null };
}

function member(key: string, votes: number): EntityWrite {
  return { kind: "roomMember", key, value: { votes } };
}

function roomTitle(key: string, votes: number): EntityWrite {
  return { kind: "roomTitle", key, value: { offered: true, votes, likes: 0, matched: false, firstVote: null, dimensions: {} } };
}

function run(userId: string, startMs: number): EntityWrite {
  const value = {
    startMs,
    endMs: startMs + 10,
    events: 2,
    first: { atMs: startMs, eventId: "e" },
    context: { source: "app" },
    userId: null,
  };
  return { kind: "inferredSession", key: inferredSessionKey(userId, startMs), value };
}
