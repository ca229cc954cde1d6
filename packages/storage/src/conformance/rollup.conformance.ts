import { type Tier, tierMs } from "@trinity/aggregation/bucket";
import { addAmounts, type Vector } from "@trinity/aggregation/vector";
import { describe, expect, test } from "vitest";
import type { CellRange } from "../event-store.ts";
import { allCells } from "./store-contents.testing.ts";
import { aCell, asRead, batchOf, commit, newEvent, noonMs } from "./store-examples.testing.ts";
import { type OpenStore, usingStore } from "./store-under-test.testing.ts";

export function rollupConformance(open: OpenStore): void {
  const noonDay = noonMs - tierMs.day / 2;

  describe("readRollups", () => {
    test("each range returns the buckets of its set and tier that start in it", () =>
      usingStore(open, async ({ store }) => {
        const hour = (hours: number) => aCell({ bucketMs: noonMs + hours * tierMs.hour });
        await commit(store, {
          cells: [hour(2), hour(0), hour(1), hour(-1), aCell({ tier: "day", bucketMs: noonDay }), aCell({ set: "vote", value: "" })],
        });
        const range = (set: string, tier: Tier, fromMs: number, toMs: number) => ({ set, tier, fromMs, toMs });
        const { cells } = await store.readRollups([
          range("vote/genre", "hour", noonMs, noonMs + 2 * tierMs.hour),
          range("vote/genre", "day", 0, noonMs * 2),
          range("vote", "hour", Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
          range("never/heard+of", "hour", 0, noonMs * 2),
          range("vote/genre", "minute", 0, noonMs * 2),
        ]);
        expect(cells).toEqual([
          [asRead(hour(0)), asRead(hour(1))],
          [asRead(aCell({ tier: "day", bucketMs: noonDay }))],
          [asRead(aCell({ set: "vote", value: "" }))],
          [],
          [],
        ]);
      }));

    test("cells are in order of time, then of value", () =>
      usingStore(open, async ({ store }) => {
        const cells = [noonMs, noonMs + tierMs.hour].flatMap((bucketMs) =>
          ["", "Z", "a", "\uffee", "🎬"].map((value) => aCell({ bucketMs, value })),
        );
        await commit(store, { cells: [...cells].reverse() });
        expect((await store.readRollups([{ set: "vote/genre", tier: "hour", fromMs: 0, toMs: noonMs * 2 }])).cells).toEqual([
          cells.map(asRead),
        ]);
      }));

    test("a range can name values; a value without a cell is absent", () =>
      usingStore(open, async ({ store }) => {
        const cells = ["a", "b", "c\u001fd", 'e"f'].map((value) => aCell({ value }));
        await commit(store, { cells: [...cells, aCell({ value: "b", bucketMs: noonMs + tierMs.hour })] });
        const named = async (values: readonly string[], toMs = noonMs + 1) => {
          const snapshot = await store.readRollups([{ set: "vote/genre", tier: "hour", fromMs: noonMs, toMs, values }]);
          return snapshot.cells[0]?.map(({ value, bucketMs }) => [value, bucketMs]);
        };
        expect(await named(["c\u001fd", "b", "unheard", "b"])).toEqual([
          ["b", noonMs],
          ["c\u001fd", noonMs],
        ]);
        expect(await named(['e"f'])).toEqual([['e"f', noonMs]]);
        expect(await named([])).toEqual([]);
        expect(await named(["b"], Number.POSITIVE_INFINITY)).toEqual([
          ["b", noonMs],
          ["b", noonMs + tierMs.hour],
        ]);
      }));

    test("a range can leave out components, also within later shards; a cell without any other may be absent", () =>
      usingStore(open, async ({ store }) => {
        const cell = aCell({ amounts: { 0: 2, 3: -1, 4: 5, 8_192: 7, 20_000: 9 } });
        await commit(store, { cells: [cell, aCell({ value: "z", amounts: { 9_000: 1 } })] });
        const below = async (componentsBelow: number) => {
          const range = { set: "vote/genre", tier: "hour", fromMs: 0, toMs: noonMs * 2, componentsBelow } as const;
          const { cells } = await store.readRollups([range]);
          return cells[0]?.map(({ amounts }) => [...amounts]).filter((amounts) => amounts.length > 0);
        };
        expect(await below(4)).toEqual([[0, 2, 3, -1]]);
        expect(await below(8_193)).toEqual([[0, 2, 3, -1, 4, 5, 8_192, 7]]);
        expect(await below(20_001)).toEqual([
          [0, 2, 3, -1, 4, 5, 8_192, 7, 20_000, 9],
          [9_000, 1],
        ]);
      }));

    test("cells that are only added up have the same sums by value", () =>
      usingStore(open, async ({ store }) => {
        const at = (hours: number, value: string, amounts: Record<number, number>) =>
          aCell({ bucketMs: noonMs + hours * tierMs.hour, value, amounts });
        await commit(store, {
          cells: [
            at(0, "a", { 0: 1, 4: 300 }),
            at(1, "a", { 0: 2, 8_200: 5 }),
            at(2, "a", { 4: 2 ** 40 }),
            at(3, "a", { 0: 50 }),
            at(1, "b,c", { 8_192: 7 }),
            at(0, "d", { 0: 3 }),
            at(2, "d", { 0: -3 }),
          ],
        });
        const sums = async (wanted: Pick<CellRange, "isAddedUp" | "componentsBelow" | "values">) => {
          const range = { set: "vote/genre", tier: "hour", fromMs: noonMs, toMs: noonMs + 3 * tierMs.hour, ...wanted } as const;
          const byValue = new Map<string, Vector>();
          for (const { set, tier, bucketMs, value, amounts } of (await store.readRollups([range])).cells.flat()) {
            expect([set, tier, bucketMs >= range.fromMs && bucketMs < range.toMs]).toEqual(["vote/genre", "hour", true]);
            const sum = byValue.get(value) ?? new Map();
            byValue.set(value, sum);
            addAmounts(sum, amounts, 1);
          }
          return byValue;
        };
        for (const wanted of [{}, { componentsBelow: 4 }, { componentsBelow: 8_193 }, { values: ["a", "d"] }])
          expect(await sums({ ...wanted, isAddedUp: true })).toEqual(await sums(wanted));
        expect([...(await sums({ isAddedUp: true })).keys()].sort()).toEqual(["a", "b,c", "d"]);
      }));

    test("cells come with their watermark and the head of the log", () =>
      usingStore(open, async ({ store }) => {
        expect(await store.readRollups([])).toEqual({ watermark: await store.readWatermark(), headSeq: 0, cells: [], users: [] });
        for (const id of ["a", "b", "c"]) await store.append(batchOf([newEvent(id)]));
        await commit(store, { to: { seq: 2 } });
        expect(await store.readRollups([])).toEqual({ watermark: await store.readWatermark(), headSeq: 3, cells: [], users: [] });
      }));

    test("cells read as users have every component, also of later shards, and no amounts", () =>
      usingStore(open, async ({ store }) => {
        await store.append(batchOf([newEvent("a")]));
        const cell = { set: "user_activity", tier: "day", bucketMs: noonMs - (noonMs % tierMs.day), value: "" } as const;
        const vector = new Map([
          [0, 3],
          [31, 1],
          [32, 2],
          [8191, 1],
          [8192, 7],
          [200_000, 1],
        ]);
        await commit(store, { cells: [{ ...cell, vector }], to: { seq: 1 } });
        const range = { set: cell.set, tier: cell.tier, fromMs: 0, toMs: noonMs * 2 };
        const { users } = await store.readRollups([], [range, { ...range, values: ["nobody"] }]);
        expect(users.map((cells) => cells.map(({ users: set, ...key }) => ({ ...key, users: [...set] })))).toEqual([
          [{ ...cell, users: [...vector.keys()] }],
          [],
        ]);
      }));

    test("watermark and cells are read at one moment while folds go on", () =>
      usingStore(open, async ({ store }) => {
        const range = { set: "vote/genre", tier: "hour", fromMs: 0, toMs: noonMs * 2 } as const;
        for (let i = 0; i < 20; i++) await store.append(batchOf([newEvent(`event-${i}`)]));
        const write = async () => {
          for (let i = 0; i < 20; i++) await commit(store, { cells: [aCell(), aCell({ value: "drama" })] });
        };
        const read = async () => {
          for (let i = 0; i < 20; i++) {
            const { watermark, headSeq, cells } = await store.readRollups([range, range]);
            const counts = cells.flat().map(({ amounts: [, count] }) => count);
            expect(counts).toEqual(Array.from({ length: watermark.seq === 0 ? 0 : 4 }, () => watermark.seq));
            expect(headSeq).toBeGreaterThanOrEqual(watermark.seq);
          }
        };
        await Promise.all([write(), read()]);
        await read();
      }));

    test("a reader can change what it got without changing what others get", () =>
      usingStore(open, async ({ store }) => {
        await commit(store, { cells: [aCell()] });
        const read = () => store.readRollups([{ set: "vote/genre", tier: "hour", fromMs: 0, toMs: noonMs * 2 }]);
        for (const { amounts } of (await read()).cells.flat()) amounts.fill(99);
        expect((await read()).cells).toEqual([[asRead(aCell())]]);
        expect(await allCells(store)).toEqual([aCell()]);
      }));
  });
}
