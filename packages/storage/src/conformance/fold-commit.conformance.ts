import { emptyWatermark } from "@trinity/aggregation/fold";
import { describe, expect, test } from "vitest";
import { allCells, contentsOf } from "./store-contents.testing.ts";
import { aCell, commit, fillLog, noonMs, stepFrom, title } from "./store-examples.testing.ts";
import { type OpenStore, usingStore } from "./store-under-test.testing.ts";

export function foldCommitConformance(open: OpenStore): void {
  describe("commitFold", () => {
    test("a store that was never folded has the empty watermark", () =>
      usingStore(open, async ({ store }) => {
        expect(await store.readWatermark()).toEqual(emptyWatermark);
      }));

    test("the watermark moves with the step and survives a restart", () =>
      usingStore(open, async ({ store, reopen }) => {
        const to = { seq: 7, revision: 1, users: 3, minutesFromMs: noonMs };
        await fillLog(store, to.seq);
        expect(await store.commitFold(stepFrom(emptyWatermark, { to }))).toBe("committed");
        expect(await store.readWatermark()).toEqual(to);
        expect(await (await reopen()).readWatermark()).toEqual(to);
      }));

    test("a step is superseded and changes nothing when the watermark has moved", () =>
      usingStore(open, async ({ store }) => {
        await commit(store, { cells: [aCell()], entities: [title("movie:1")] });
        const before = await contentsOf(store);
        const late = stepFrom(emptyWatermark, { to: { seq: 9 }, cells: [aCell()], entities: [title("movie:2")] });
        expect(await store.commitFold(late)).toBe("superseded");
        expect(await contentsOf(store)).toEqual(before);
      }));

    test("of concurrent steps from one watermark, one is committed", () =>
      usingStore(open, async ({ store }) => {
        const step = stepFrom(emptyWatermark, { cells: [aCell()] });
        const outcomes = await Promise.all([store.commitFold(step), store.commitFold(step), store.commitFold(step)]);
        expect(outcomes.sort()).toEqual(["committed", "superseded", "superseded"]);
        expect(await allCells(store)).toEqual([aCell()]);
      }));

    test("a step that folds no chunk raises the revision only and leaves no fold time", () =>
      usingStore(open, async ({ store }) => {
        await commit(store, { cells: [aCell()], foldedAtMs: 5_000 });
        await commit(store, { to: { seq: 1, revision: 2 }, cells: [aCell({ amounts: { 0: -1 } })], foldedAtMs: 6_000 });
        expect(await store.readWatermark()).toMatchObject({ seq: 1, revision: 2 });
        expect(await store.readFoldTimes(0, 10)).toEqual([{ toSeq: 1, foldedAtMs: 5_000 }]);
      }));

    test("fold times have the last chunk of each fold, oldest first", () =>
      usingStore(open, async ({ store, reopen }) => {
        await commit(store, { to: { seq: 3 }, foldedAtMs: 5_000 });
        await commit(store, { to: { seq: 12 }, foldedAtMs: 4_000 });
        const times = [
          { toSeq: 3, foldedAtMs: 5_000 },
          { toSeq: 12, foldedAtMs: 4_000 },
        ];
        expect(await store.readFoldTimes(0, 10)).toEqual(times);
        expect(await store.readFoldTimes(0, 1)).toEqual(times.slice(0, 1));
        expect(await store.readFoldTimes(3, 10)).toEqual(times.slice(1));
        expect(await (await reopen()).readFoldTimes(0, 10)).toEqual(times);
      }));
  });
}
