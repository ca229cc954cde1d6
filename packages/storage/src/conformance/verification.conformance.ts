import { tierMs } from "@trinity/aggregation/bucket";
import type { Cell } from "@trinity/aggregation/cell";
import { describe, expect, test } from "vitest";
import type { EventStore } from "../event-store.ts";
import { compareStateRowKeys, contentOfEntity, contentOfVector, type StateRowKey } from "../state-row.ts";
import { auditTextMax, type Repair } from "../verification-store.ts";
import { allCells, allEntities, allRows, contentsOf } from "./store-contents.testing.ts";
import { aCell, commit, noonMs, title } from "./store-examples.testing.ts";
import { type OpenStore, usingStore } from "./store-under-test.testing.ts";

export function verificationConformance(open: OpenStore): void {
  describe("scanState", () => {
    test("pages are complete and in order of table and key, with their watermark", () =>
      usingStore(open, async ({ store }) => {
        const cells: readonly Cell[] = ["vote", "event", "vote/genre"].flatMap((set) =>
          (["day", "minute", "hour"] as const).flatMap((tier) =>
            [2, 1].flatMap((n) => ["b", "🎬", "", "\uffee"].map((value) => aCell({ set, tier, bucketMs: n * tierMs[tier], value }))),
          ),
        );
        const entities = ["b", "\uffee", "🎬", "a"].map((key) => title(key));
        const index = ["l", "k"].flatMap((key) => [11, 2].map((seq) => ({ kind: "user" as const, key, seq })));
        await commit(store, { cells, entities, index });
        const keys: readonly StateRowKey[] = [
          { table: "mark" },
          ...entities.map(({ kind, key }) => ({ table: "entity", kind, key }) as const),
          ...index.map((line) => ({ table: "index", ...line }) as const),
          ...cells.map(({ vector: _, ...key }) => ({ table: "cell", ...key }) as const),
        ];
        const inOrder = [...keys].sort(compareStateRowKeys);
        for (const limit of [1, 4, 5, 9, 24, 1_000]) expect((await allRows(store, limit)).map(({ key }) => key)).toEqual(inOrder);
        expect((await store.scanState(null, 1)).watermark).toEqual(await store.readWatermark());
      }));

    test("a page can begin after a row that no longer exists", () =>
      usingStore(open, async ({ store }) => {
        await commit(store, {
          entities: [title("a"), title("c")],
          cells: [aCell({ value: "a" }), aCell({ value: "c" }), aCell({ set: "z" })],
        });
        const next = async (after: StateRowKey) => (await store.scanState(after, 1)).rows.map(({ key }) => key);
        expect(await next({ table: "entity", kind: "title", key: "b" })).toEqual([{ table: "entity", kind: "title", key: "c" }]);
        expect(await next({ table: "index", kind: "user", key: "b", seq: 3 })).toEqual([rowOf(aCell({ value: "a" }))]);
        expect(await next(rowOf(aCell({ value: "b" })))).toEqual([rowOf(aCell({ value: "c" }))]);
        expect(await next(rowOf(aCell({ set: "w" })))).toEqual([rowOf(aCell({ set: "z" }))]);
        expect(await next(rowOf(aCell({ set: "z" })))).toEqual([]);
      }));
  });

  describe("commitRepair", () => {
    test("sets, adds and removes rows of every table, audits each, and raises only the revision", () =>
      usingStore(open, async ({ store, reopen }) => {
        const index = [{ kind: "user", key: "u", seq: 1 }] as const;
        const cells = [aCell({ amounts: { 0: 7, 9_000: 1 } }), aCell({ value: "invented" })];
        await commit(store, { cells, entities: [title("a", 1), title("b")], index, to: { users: 9 } });
        const from = await store.readWatermark();
        const large = aCell({ value: "large", amounts: Object.fromEntries(Array.from({ length: 20_000 }, (_, user) => [user, 1])) });
        const repairs: readonly Repair[] = [
          { key: { table: "mark" }, stored: '{"users":9,"minutesFromMs":0}', derived: '{"users":2,"minutesFromMs":0}' },
          { key: { table: "entity", kind: "title", key: "a" }, stored: "x", derived: contentOfEntity("title", title("a", 2).value) },
          { key: { table: "entity", kind: "title", key: "b" }, stored: contentOfEntity("title", title("b").value), derived: null },
          { key: { table: "index", kind: "user", key: "u", seq: 1 }, stored: "", derived: null },
          { key: { table: "index", kind: "user", key: "v", seq: 1 }, stored: null, derived: "" },
          repairOf(cells[0] as Cell, aCell({ amounts: { 0: 3 } })),
          repairOf(cells[1] as Cell, null),
          repairOf(null, large),
        ];
        expect(await store.commitRepair({ from, repairedAtMs: 5_000, repairs })).toBe("committed");
        const again = await reopen();
        expect(await again.readWatermark()).toEqual({ ...from, users: 2, revision: from.revision + 1 });
        expect(await allEntities(again, "title")).toEqual([{ key: "a", value: title("a", 2).value }]);
        expect((await allRows(again)).flatMap(({ key }) => (key.table === "index" ? [key.key] : []))).toEqual(["v"]);
        expect(await allCells(again)).toEqual([aCell({ amounts: { 0: 3 } }), large]);
        const { lastRepairs, repairs: count } = await again.readVerification();
        const cut = (text: string | null) => (text !== null && text.length > auditTextMax ? `${text.slice(0, auditTextMax)}…` : text);
        const audited = repairs.map((repair) => ({ ...repair, derived: cut(repair.derived), atMs: 5_000 }));
        expect([count, lastRepairs]).toEqual([8, audited.reverse()]);
      }));

    test("a repair is superseded and changes nothing when the watermark has moved", () =>
      usingStore(open, async ({ store }) => {
        const from = await store.readWatermark();
        await commit(store, { cells: [aCell()] });
        const before = await contentsOf(store);
        expect(await store.commitRepair({ from, repairedAtMs: 1, repairs: [repairOf(aCell(), null)] })).toBe("superseded");
        expect(await contentsOf(store)).toEqual(before);
      }));

    test("a fold that began before a repair is superseded", () =>
      usingStore(open, async ({ store }) => {
        const from = await store.readWatermark();
        await store.commitRepair({ from, repairedAtMs: 1, repairs: [repairOf(null, aCell())] });
        const step = { from, to: { ...from, seq: 1, revision: 1 }, foldedAtMs: 1, entities: [], cells: [aCell()], index: [] };
        expect(await store.commitFold(step)).toBe("superseded");
        expect(await allCells(store)).toEqual([aCell()]);
      }));
  });

  describe("bucket status", () => {
    test("a bucket is pending after a fold changes it, verified once it matches, repaired after a repair, and stays so when it matches again", () =>
      usingStore(open, async ({ store, reopen }) => {
        const key = { set: "vote/genre", tier: "hour", bucketMs: noonMs } as const;
        const check = async (matches: boolean, revision?: number) =>
          store.setBucketStatus([{ ...key, matches, revision: revision ?? (await store.readWatermark()).revision }], 1_000);
        expect(await countsOf(store)).toEqual([0, 0, 0]);
        await commit(store, { cells: [aCell(), aCell({ value: "drama" })] });
        expect(await countsOf(store)).toEqual([1, 0, 0]);
        await check(true);
        expect(await countsOf(store)).toEqual([0, 1, 0]);
        await commit(store, { cells: [aCell()] });
        expect(await countsOf(store)).toEqual([1, 0, 0]);
        await check(true, 1);
        expect(await countsOf(store)).toEqual([1, 0, 0]);
        await check(true);
        await check(false);
        expect(await countsOf(store)).toEqual([1, 0, 0]);
        await store.commitRepair({ from: await store.readWatermark(), repairedAtMs: 2_000, repairs: [repairOf(aCell(), aCell())] });
        expect(await countsOf(store)).toEqual([0, 0, 1]);
        await commit(store, { cells: [aCell()] });
        expect(await countsOf(store)).toEqual([1, 0, 0]);
        await check(true);
        expect(await countsOf(await reopen())).toEqual([0, 0, 1]);
      }));

    test("a bucket without cells is gone, and so are dropped minutes", () =>
      usingStore(open, async ({ store }) => {
        const minute = aCell({ tier: "minute" });
        await commit(store, { cells: [minute, aCell(), aCell({ value: "drama" }), aCell({ set: "match" })] });
        await commit(store, { cells: [aCell({ amounts: { 0: -1 } }), aCell({ set: "match", amounts: { 0: -1 } })] });
        expect(await countsOf(store)).toEqual([2, 0, 0]);
        await commit(store, { to: { minutesFromMs: noonMs + tierMs.minute } });
        const late = { set: "vote/genre", tier: "minute", bucketMs: noonMs, matches: true, revision: 99 } as const;
        await store.setBucketStatus([late], 1_000);
        expect(await countsOf(store)).toEqual([1, 0, 0]);
      }));

    test("the days of pending buckets are told in order, each once", () =>
      usingStore(open, async ({ store, reopen }) => {
        const midnightMs = noonMs - tierMs.day / 2;
        const hours = [noonMs, noonMs + tierMs.day, noonMs - tierMs.day, noonMs + 3 * tierMs.day];
        const day = aCell({ tier: "day", bucketMs: midnightMs });
        expect(await store.readPendingDays()).toEqual([]);
        await commit(store, {
          cells: [...hours.map((bucketMs) => aCell({ bucketMs })), day, aCell({ tier: "minute", bucketMs: noonMs + tierMs.day })],
        });
        const checkOf = (bucketMs: number) => ({ set: "vote/genre", tier: "hour", bucketMs, revision: 1, matches: true }) as const;
        await store.setBucketStatus([noonMs, noonMs + 3 * tierMs.day].map(checkOf), 1_000);
        expect(await (await reopen()).readPendingDays()).toEqual([midnightMs - tierMs.day, midnightMs, midnightMs + tierMs.day]);
      }));

    test("the last cycle is kept; a new store has none", () =>
      usingStore(open, async ({ store, reopen }) => {
        expect((await store.readVerification()).lastCycle).toBeNull();
        const unresolvedBuckets = [{ set: "vote/genre", tier: "hour", bucketMs: noonMs }] as const;
        const cycle = { finishedAtMs: 2_000, throughSeq: 8, unresolved: 1, unresolvedBuckets };
        await store.recordCycle({ ...cycle, throughSeq: 7 });
        await store.recordCycle(cycle);
        expect((await (await reopen()).readVerification()).lastCycle).toEqual(cycle);
      }));
  });

  describe("freezeBefore", () => {
    test("is refused while a bucket that ends by then is pending, except for buckets frozen before", () =>
      usingStore(open, async ({ store, reopen }) => {
        const hour = (hours: number) => aCell({ bucketMs: noonMs + hours * tierMs.hour });
        await commit(store, { cells: [hour(0), hour(1), hour(2), aCell({ tier: "day", bucketMs: noonMs - tierMs.day / 2 })] });
        const checkOf = ({ set, tier, bucketMs }: Cell) => ({ set, tier, bucketMs, revision: 1, matches: true });
        await store.setBucketStatus([checkOf(hour(0)), checkOf(hour(2))], 1_000);
        const endOf = (hours: number) => noonMs + (hours + 1) * tierMs.hour;
        expect(await store.freezeBefore(endOf(1))).toEqual({ outcome: "refused", pending: 1 });
        expect((await store.readVerification()).frozenBeforeMs).toBe(0);
        expect(await store.freezeBefore(endOf(1) - 1)).toEqual({ outcome: "frozen" });
        expect(await (await reopen()).readVerification()).toMatchObject({ frozen: 1, frozenBeforeMs: endOf(1) - 1 });
      }));

    test("a frozen bucket that changes stays pending and does not prevent a later freeze", () =>
      usingStore(open, async ({ store }) => {
        await store.freezeBefore(noonMs + tierMs.hour);
        await commit(store, { cells: [aCell()] });
        expect(await store.freezeBefore(noonMs + 2 * tierMs.hour)).toEqual({ outcome: "frozen" });
        expect(await store.readVerification()).toMatchObject({ frozen: 1, pending: 1, frozenBeforeMs: noonMs + 2 * tierMs.hour });
        expect(await store.freezeBefore(noonMs)).toEqual({ outcome: "frozen" });
        expect((await store.readVerification()).frozenBeforeMs).toBe(noonMs + 2 * tierMs.hour);
      }));
  });
}

function rowOf({ set, tier, bucketMs, value }: Cell): StateRowKey & { readonly table: "cell" } {
  return { table: "cell", set, tier, bucketMs, value };
}

function repairOf(stored: Cell | null, derived: Cell | null): Repair {
  const content = (cell: Cell | null) => (cell === null ? null : contentOfVector(cell.vector));
  return { key: rowOf((stored ?? derived) as Cell), stored: content(stored), derived: content(derived) };
}

async function countsOf(store: EventStore): Promise<readonly [pending: number, verified: number, repaired: number]> {
  const { pending, verified, repaired, buckets } = await store.readVerification();
  expect(buckets).toBe(pending + verified + repaired);
  return [pending, verified, repaired];
}
