import type { EntityWrite } from "@trinity/aggregation/entity";
import { inferredSessionKey } from "@trinity/aggregation/inferred-session";
import { describe, expect, test } from "vitest";
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
