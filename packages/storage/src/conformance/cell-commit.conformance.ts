import { tierMs } from "@trinity/aggregation/bucket";
import { describe, expect, test } from "vitest";
import { allCells } from "./store-contents.testing.ts";
import { aCell, commit, noonMs } from "./store-examples.testing.ts";
import { type OpenStore, usingStore } from "./store-under-test.testing.ts";

export function cellCommitConformance(open: OpenStore): void {
  describe("cells in commitFold", () => {
    test("amounts add up over steps, component by component", () =>
      usingStore(open, async ({ store, reopen }) => {
        await commit(store, { cells: [aCell({ amounts: { 0: 1, 16: 5 } })] });
        await commit(store, { cells: [aCell({ amounts: { 0: 2, 2: -7 } }), aCell({ value: "drama" })] });
        const sums = [aCell({ amounts: { 0: 3, 2: -7, 16: 5 } }), aCell({ value: "drama" })];
        expect(await allCells(store)).toEqual(sums);
        expect(await allCells(await reopen())).toEqual(sums);
      }));

    test("both amounts count when a step has a cell twice", () =>
      usingStore(open, async ({ store }) => {
        await commit(store, { cells: [aCell(), aCell({ amounts: { 0: 2, 1: 1 } })] });
        expect(await allCells(store)).toEqual([aCell({ amounts: { 0: 3, 1: 1 } })]);
      }));

    test("a component whose sum becomes zero is removed, and a cell without components too", () =>
      usingStore(open, async ({ store }) => {
        await commit(store, { cells: [aCell({ amounts: { 0: 1, 9_000: 2 } }), aCell({ value: "drama" })] });
        await commit(store, { cells: [aCell({ amounts: { 9_000: -2 } }), aCell({ value: "drama", amounts: { 0: -1 } })] });
        expect(await allCells(store)).toEqual([aCell()]);
        await commit(store, { cells: [aCell({ amounts: { 0: -1 } })] });
        expect(await allCells(store)).toEqual([]);
        expect((await store.readRollups([hours])).cells).toEqual([[]]);
      }));

    test("sums of milliseconds and sets of many users are kept exactly", () =>
      usingStore(open, async ({ store, reopen }) => {
        const users = Array.from({ length: 20_000 }, (_, user) => [user, 1] as const);
        const large = aCell({ amounts: { ...Object.fromEntries(users), 70_000_000: 2 ** 45, 70_000_001: -(2 ** 45) } });
        await commit(store, { cells: [large] });
        await commit(store, { cells: [aCell({ amounts: { 8_191: 1, 8_192: 1, 19_999: -1 } })] });
        const expected = new Map(large.vector).set(8_191, 2).set(8_192, 2);
        expected.delete(19_999);
        expect(await allCells(await reopen())).toEqual([{ ...large, vector: expected }]);
      }));

    test("minute cells before the watermark's minutesFromMs are dropped, hours and days are not", () =>
      usingStore(open, async ({ store }) => {
        const minute = (bucketMs: number) => aCell({ tier: "minute", bucketMs });
        const kept = [
          minute(noonMs),
          aCell({ bucketMs: noonMs - tierMs.hour }),
          aCell({ tier: "day", bucketMs: noonMs - 1.5 * tierMs.day }),
        ];
        await commit(store, { cells: [minute(noonMs - tierMs.minute), minute(0), ...kept, { ...minute(0), set: "match" }] });
        expect(await allCells(store)).toHaveLength(6);
        await commit(store, { to: { minutesFromMs: noonMs } });
        expect(await allCells(store)).toEqual(kept);
        await commit(store, { cells: [minute(noonMs - tierMs.minute), minute(noonMs + tierMs.minute)] });
        expect(await allCells(store)).toEqual([kept[0], minute(noonMs + tierMs.minute), ...kept.slice(1)]);
        const dropped = { set: "vote/genre", tier: "minute", fromMs: noonMs - 3 * tierMs.minute, toMs: noonMs - tierMs.minute } as const;
        expect((await store.readRollups([dropped])).cells).toEqual([[]]);
      }));
  });
}

const hours = { set: "vote/genre", tier: "hour", fromMs: 0, toMs: noonMs * 2 } as const;
