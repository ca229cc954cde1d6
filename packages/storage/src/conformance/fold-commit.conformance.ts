import { tierMs } from "@trinity/aggregation/bucket";
import { type EntityWrite, runKey } from "@trinity/aggregation/entity";
import { unfoldedMark } from "@trinity/aggregation/fold";
import { describe, expect, test } from "vitest";
import { allCells, allEntities, contentsOf } from "./store-contents.testing.ts";
import { aCell, commit, noonMs, stepFrom, title } from "./store-examples.testing.ts";
import { type OpenStore, usingStore } from "./store-under-test.testing.ts";

export function foldCommitConformance(open: OpenStore): void {
  describe("commitFold", () => {
    test("a store that was never folded stands at the mark before the first chunk", () =>
      usingStore(open, async ({ store }) => {
        expect(await store.readMark()).toEqual(unfoldedMark);
      }));

    test("the mark moves with the step and outlives a restart", () =>
      usingStore(open, async ({ store, reopen }) => {
        const to = { seq: 7, revision: 1, users: 3, minutesFromMs: noonMs };
        expect(await store.commitFold(stepFrom(unfoldedMark, { to }))).toBe("committed");
        expect(await store.readMark()).toEqual(to);
        expect(await (await reopen()).readMark()).toEqual(to);
      }));

    test("a step whose mark has moved is superseded and changes nothing", () =>
      usingStore(open, async ({ store }) => {
        await commit(store, { cells: [aCell()], entities: [title("movie:1")] });
        const before = await contentsOf(store);
        const late = stepFrom(unfoldedMark, { to: { seq: 9 }, cells: [aCell()], entities: [title("movie:2")] });
        expect(await store.commitFold(late)).toBe("superseded");
        expect(await contentsOf(store)).toEqual(before);
      }));

    test("of steps that race from one mark, one is committed", () =>
      usingStore(open, async ({ store }) => {
        const step = stepFrom(unfoldedMark, { cells: [aCell()] });
        const outcomes = await Promise.all([store.commitFold(step), store.commitFold(step), store.commitFold(step)]);
        expect(outcomes.sort()).toEqual(["committed", "superseded", "superseded"]);
        expect(await allCells(store)).toEqual([aCell()]);
      }));

    test("a step that folds no chunk, a correction, raises the revision alone and leaves no fold time", () =>
      usingStore(open, async ({ store }) => {
        await commit(store, { cells: [aCell()], foldedAtMs: 5_000 });
        await commit(store, { to: { seq: 1, revision: 2 }, cells: [aCell({ amounts: [[0, -1]] })], foldedAtMs: 6_000 });
        expect(await store.readMark()).toMatchObject({ seq: 1, revision: 2 });
        expect(await store.readFoldTimes()).toEqual([{ toSeq: 1, foldedAtMs: 5_000 }]);
      }));

    test("fold times tell the last chunk of each stretch, oldest first", () =>
      usingStore(open, async ({ store, reopen }) => {
        await commit(store, { to: { seq: 3 }, foldedAtMs: 5_000 });
        await commit(store, { to: { seq: 12 }, foldedAtMs: 4_000 });
        const times = [
          { toSeq: 3, foldedAtMs: 5_000 },
          { toSeq: 12, foldedAtMs: 4_000 },
        ];
        expect(await store.readFoldTimes()).toEqual(times);
        expect(await (await reopen()).readFoldTimes()).toEqual(times);
      }));
  });

  describe("cells in commitFold", () => {
    test("amounts add up over steps, component by component", () =>
      usingStore(open, async ({ store, reopen }) => {
        await commit(store, {
          cells: [
            aCell({
              amounts: [
                [0, 1],
                [16, 5],
              ],
            }),
          ],
        });
        await commit(store, {
          cells: [
            aCell({
              amounts: [
                [0, 2],
                [2, -7],
              ],
            }),
            aCell({ value: "drama" }),
          ],
        });
        const sums = [
          aCell({
            amounts: [
              [0, 3],
              [2, -7],
              [16, 5],
            ],
          }),
          aCell({ value: "drama" }),
        ];
        expect(await allCells(store)).toEqual(sums);
        expect(await allCells(await reopen())).toEqual(sums);
      }));

    test("amounts for one cell that a step names twice both count", () =>
      usingStore(open, async ({ store }) => {
        await commit(store, {
          cells: [
            aCell(),
            aCell({
              amounts: [
                [0, 2],
                [1, 1],
              ],
            }),
          ],
        });
        expect(await allCells(store)).toEqual([
          aCell({
            amounts: [
              [0, 3],
              [1, 1],
            ],
          }),
        ]);
      }));

    test("a component that comes to nothing is gone, and a cell without components too", () =>
      usingStore(open, async ({ store }) => {
        await commit(store, {
          cells: [
            aCell({
              amounts: [
                [0, 1],
                [9_000, 2],
              ],
            }),
            aCell({ value: "drama" }),
          ],
        });
        await commit(store, { cells: [aCell({ amounts: [[9_000, -2]] }), aCell({ value: "drama", amounts: [[0, -1]] })] });
        expect(await allCells(store)).toEqual([aCell()]);
        await commit(store, { cells: [aCell({ amounts: [[0, -1]] })] });
        expect(await allCells(store)).toEqual([]);
        expect((await store.readRollups([hours])).cells).toEqual([[]]);
      }));

    test("sums of milliseconds and sets of many users are kept exactly", () =>
      usingStore(open, async ({ store, reopen }) => {
        const users = Array.from({ length: 20_000 }, (_, user) => [user, 1] as const);
        const large = aCell({ amounts: [...users, [70_000_000, 2 ** 45], [70_000_001, -(2 ** 45)]] });
        await commit(store, { cells: [large] });
        await commit(store, {
          cells: [
            aCell({
              amounts: [
                [8_191, 1],
                [8_192, 1],
                [19_999, -1],
              ],
            }),
          ],
        });
        const expected = new Map(large.vector).set(8_191, 2).set(8_192, 2);
        expected.delete(19_999);
        expect(await allCells(await reopen())).toEqual([{ ...large, vector: expected }]);
      }));

    test("minutes before the mark's are dropped, hours and days are not", () =>
      usingStore(open, async ({ store }) => {
        const minute = (bucketMs: number) => aCell({ tier: "minute", bucketMs });
        const kept = [minute(noonMs), aCell({ bucketMs: noonMs - tierMs.hour }), aCell({ tier: "day", bucketMs: noonMs - tierMs.day })];
        await commit(store, { cells: [minute(noonMs - tierMs.minute), minute(0), ...kept, { ...minute(0), set: "match" }] });
        expect(await allCells(store)).toHaveLength(6);
        await commit(store, { to: { minutesFromMs: noonMs } });
        expect(await allCells(store)).toEqual(kept);
        await commit(store, { cells: [minute(noonMs - tierMs.minute), minute(noonMs + tierMs.minute)] });
        expect(await allCells(store)).toEqual([kept[0], minute(noonMs + tierMs.minute), ...kept.slice(1)]);
      }));
  });

  describe("entities in commitFold", () => {
    test("an entity is written, replaced and deleted", () =>
      usingStore(open, async ({ store, reopen }) => {
        await commit(store, { entities: [title("movie:1"), title("movie:2", 1)] });
        await commit(store, { entities: [title("movie:2", 2), { kind: "title", key: "movie:1", value: null }, gone("movie:3")] });
        expect(await allEntities(await reopen(), "title")).toEqual([{ key: "movie:2", value: title("movie:2", 2).value }]);
      }));

    test("readEntities finds what is there, by kind and key", () =>
      usingStore(open, async ({ store }) => {
        await commit(store, { entities: [title("same"), run("same", 5_000)] });
        const refs = [
          { kind: "title" as const, key: "same" },
          { kind: "session" as const, key: "same" },
          { kind: "title" as const, key: "other" },
        ];
        const found = await store.readEntities({ refs, runs: [] });
        expect(found.title).toEqual(new Map([["same", title("same").value]]));
        expect([found.session.size, found.run.size, found.user.size, found.room.size]).toEqual([0, 0, 0, 0]);
      }));

    test("a range of runs brings the runs that start in it, both ends included, and the last one before", () =>
      usingStore(open, async ({ store }) => {
        await commit(store, { entities: [1_000, 2_000, 3_000, 4_000].map((startMs) => run("u", startMs)) });
        const starts = async (fromMs: number, toMs: number) =>
          [...(await store.readEntities({ refs: [], runs: [{ userId: "u", fromMs, toMs }] })).run.values()]
            .map(({ startMs }) => startMs)
            .sort();
        expect(await starts(2_000, 3_000)).toEqual([1_000, 2_000, 3_000]);
        expect(await starts(2_001, 2_999)).toEqual([2_000]);
        expect(await starts(9_000, 9_999)).toEqual([4_000]);
        expect(await starts(-500, 999)).toEqual([]);
        expect(await starts(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)).toEqual([1_000, 2_000, 3_000, 4_000]);
      }));

    test("a range of runs brings nobody else's", () =>
      usingStore(open, async ({ store }) => {
        await commit(store, { entities: [run("a", 1_000), run("b", 1_000), run("ab", 1_000)] });
        const runs = [{ userId: "b", fromMs: 5_000, toMs: 6_000 }];
        expect([...(await store.readEntities({ refs: [], runs })).run.keys()]).toEqual([runKey("b", 1_000)]);
        expect((await store.readEntities({ refs: [], runs: [{ userId: "c", fromMs: 0, toMs: 9_000 }] })).run.size).toBe(0);
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

const hours = { set: "vote/genre", tier: "hour", fromMs: 0, toMs: noonMs * 2 } as const;

function gone(key: string): EntityWrite {
  return { kind: "title", key, value: null };
}

function run(userId: string, startMs: number): EntityWrite {
  const value = { startMs, endMs: startMs + 10, events: 2, first: { atMs: startMs, eventId: "e" }, circumstances: { source: "app" } };
  return { kind: "run", key: runKey(userId, startMs), value };
}
