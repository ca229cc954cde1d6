import { bucketEnd } from "@trinity/aggregation/cell";
import { emptyWatermark } from "@trinity/aggregation/fold";
import { type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { UnderivableError } from "@trinity/storage/shadow-state";
import type { StateRow } from "@trinity/storage/state-row";
import { allRows } from "@trinity/storage/store-contents";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { describe, expect, test } from "vitest";
import { appending, damageStore, fewEvents, foldThem, storeAfter } from "./damaged-store.testing.ts";
import { freezeStore } from "./freeze-store.ts";
import { openMemoryShadowState } from "./memory-shadow-state.ts";
import { replayOf, unthrottled } from "./replay.ts";
import { reconcileFromLog, verificationCycle } from "./verification-cycle.ts";
import { verifyStore } from "./verify-store.ts";

const settings = { nowMs: () => noonMs, throttle: unthrottled };

describe("a cycle of verification", () => {
  test("that finds no difference makes no rebuild, leaves watermark and audit unchanged, and is recorded", async () => {
    const store = await storeAfter([fewEvents, foldThem]);
    const watermark = await store.readWatermark();
    const failing = () => Promise.reject(new Error("a rebuild was begun"));
    const report = await verificationCycle(store, { ...openMemoryShadowState(), rebuild: failing }, settings);
    expect(report).toMatchObject({ differing: 0, repaired: 0, throughSeq: 1 });
    expect(await store.readWatermark()).toEqual(watermark);
    expect(await store.readVerification()).toMatchObject({
      pending: 0,
      repairs: 0,
      lastCycle: { finishedAtMs: noonMs, throughSeq: 1, unresolved: 0 },
    });
  });

  test("goes on with a rebuild that was begun before, and keeps it", async () => {
    const store = await storeAfter([fewEvents, foldThem]);
    const shadowState = openMemoryShadowState();
    await verificationCycle(store, shadowState, settings);
    const begun = await shadowState.rebuild("empty");
    await verificationCycle(store, shadowState, settings);
    expect([await shadowState.hasRebuild(), await shadowState.incremental("empty")]).toEqual([false, begun]);
  });

  test("whose incremental shadow state is of another log makes a rebuild, and keeps that", async () => {
    const store = await storeAfter([fewEvents, foldThem]);
    const shadowState = openMemoryShadowState();
    const other = await storeAfter([fewEvents, foldThem, appending("other"), foldThem]);
    await replayOf(other, await shadowState.incremental("empty")).catchUp(2);
    expect(await verificationCycle(store, shadowState, settings)).toMatchObject({ differing: 0, repaired: 0 });
    expect(await (await shadowState.incremental("empty")).readWatermark()).toEqual(await store.readWatermark());
  });

  test.each(["readVerification", "readWatermark", "scanState"] as const)(
    "ends when the store fails in %s, and begins no rebuild",
    async (name) => {
      const store = await storeAfter([fewEvents, foldThem]);
      const shadowState = openMemoryShadowState();
      const away: EventStore = { ...store, [name]: () => Promise.reject(new StoreUnavailableError("away")) };
      await expect(verificationCycle(away, shadowState, settings)).rejects.toBeInstanceOf(StoreUnavailableError);
      expect([await shadowState.hasRebuild(), (await store.readVerification()).lastCycle]).toEqual([false, null]);
    },
  );

  test("compares again when a fold supersedes a repair", async () => {
    const store = await storeAfter([fewEvents, foldThem]);
    await damageStore(store, await allRows(store), { kind: "invent", index: 0 });
    let overtaken = 0;
    const racing: EventStore = {
      ...store,
      commitRepair: async (step) => {
        if (overtaken++ < 3) {
          await store.append(batchOf([newEvent(`late-${overtaken}`)]));
          await foldAll(store, () => noonMs);
        }
        return store.commitRepair(step);
      },
    };
    expect(await verificationCycle(racing, openMemoryShadowState(), settings)).toMatchObject({ repaired: 1, differing: 0 });
    expect(overtaken).toBe(4);
    expect(await verifyStore(store)).toMatchObject({ differing: 0 });
  });
});

describe("frozen buckets", () => {
  test("are neither compared nor repaired", async () => {
    const store = await storeAfter([fewEvents, foldThem]);
    const shadowState = openMemoryShadowState();
    await verificationCycle(store, shadowState, settings);
    const { buckets } = await store.readVerification();
    expect(await store.freezeBefore(noonMs + 10 * 86_400_000)).toEqual({ outcome: "frozen" });
    expect((await store.readVerification()).frozen).toBe(buckets);
    const cells = (await allRows(store)).filter(({ key }) => key.table === "cell");
    await damageStore(store, cells, { kind: "change", index: 0 });
    expect(await verificationCycle(store, shadowState, settings)).toMatchObject({ repaired: 0, differing: 0 });
    expect((await allRows(store)).filter(({ content }) => content === "[[0,12345]]")).toHaveLength(1);
  });

  test.each([
    ["at the instant before which it is frozen is frozen", 0, 0],
    ["a millisecond after it is compared and repaired", -1, 1],
  ] as const)("a bucket that ends %s", async (_, offsetMs, repaired) => {
    for (const tier of ["minute", "hour", "day"] as const) {
      const store = await storeAfter([fewEvents, foldThem]);
      const shadowState = openMemoryShadowState();
      await verificationCycle(store, shadowState, settings);
      const cells = (await allRows(store)).filter(({ key }) => key.table === "cell" && key.tier === tier);
      const [cell] = cells as [StateRow];
      if (cell.key.table !== "cell") throw new TypeError("no cell");
      expect(await store.freezeBefore(bucketEnd(tier, cell.key.bucketMs) + offsetMs)).toEqual({ outcome: "frozen" });
      await damageStore(store, cells, { kind: "change", index: 0 });
      expect(await verificationCycle(store, shadowState, settings)).toMatchObject({ repaired, differing: 0 });
    }
  });

  test("without the beginning of the log, the incremental shadow state finds damage and a rebuild from the snapshot repairs it", async () => {
    const store = await storeAfter([fewEvents, foldThem]);
    const shadowState = openMemoryShadowState();
    expect(await freezeStore(store, shadowState, noonMs - 86_400_000, settings)).toEqual({ outcome: "frozen", throughSeq: 1 });
    const shortened = withoutChunksBefore(store, 2);
    await store.append(batchOf([newEvent("later")]));
    await foldAll(store, () => noonMs);
    const before = await allRows(store);
    await damageStore(store, before, { kind: "delete", index: before.length - 1 });
    expect(await verificationCycle(shortened, shadowState, settings)).toMatchObject({ differing: 0, repaired: 1 });
    expect(await allRows(store)).toEqual(before);
  });

  test("without the beginning of the log and without a snapshot, the incremental shadow state goes on; it finds damage but repairs nothing", async () => {
    const store = await storeAfter([fewEvents, foldThem]);
    const shadowState = openMemoryShadowState();
    await verificationCycle(store, shadowState, settings);
    const shortened = withoutChunksBefore(store, 2);
    await store.append(batchOf([newEvent("later")]));
    await foldAll(store, () => noonMs);
    expect(await verificationCycle(shortened, shadowState, settings)).toMatchObject({ differing: 0 });

    const before = await allRows(store);
    await damageStore(store, before, { kind: "delete", index: before.length - 1 });
    const damaged = await allRows(store);
    for (let cycle = 0; cycle < 2; cycle++) {
      expect(await verificationCycle(shortened, shadowState, settings)).toMatchObject({ differing: 1, repaired: 0 });
      expect(await allRows(store)).toEqual(damaged);
      expect((await store.readVerification()).lastCycle?.unresolved).toBe(1);
    }
  });

  test("without the beginning of the log and without any shadow state, verification and rebuild fail and change nothing", async () => {
    const store = await storeAfter([fewEvents, foldThem]);
    const before = await allRows(store);
    const shortened = withoutChunksBefore(store, 2);
    const shadowState = openMemoryShadowState();
    await expect(verificationCycle(shortened, shadowState, settings)).rejects.toBeInstanceOf(UnderivableError);
    await expect(reconcileFromLog(shortened, shadowState, settings)).rejects.toBeInstanceOf(UnderivableError);
    expect(await allRows(store)).toEqual(before);
    expect((await store.readVerification()).lastCycle).toBeNull();
  });
});

describe("a rebuild", () => {
  test("discards a rebuild that is beyond the store, and the next cycle begins a new one", async () => {
    const store = await storeAfter([fewEvents, foldThem]);
    const ahead = await storeAfter([fewEvents, foldThem]);
    await ahead.append(batchOf([newEvent("ahead")]));
    await foldAll(ahead, () => noonMs);
    const shadowState = openMemoryShadowState();
    await replayOf(ahead, await shadowState.rebuild("empty")).catchUp(2);
    await expect(reconcileFromLog(store, shadowState, settings)).rejects.toBeInstanceOf(UnderivableError);
    expect(await shadowState.hasRebuild()).toBe(false);
    expect(await reconcileFromLog(store, shadowState, settings)).toMatchObject({ differing: 0, repaired: 0 });
  });

  test("ends the same when it is stopped at any step and begun again", async () => {
    const steps = Array.from({ length: 5 }, (_, i) => [appending(`part-${i}`), foldThem] as const).flat();
    let wasStopped = true;
    for (let stopAt = 1; wasStopped; stopAt++) {
      const store = await storeAfter(steps);
      const before = await allRows(store);
      const shadowState = openMemoryShadowState();
      for (const place of [0, 30, 61]) await damageStore(store, before, { kind: "change", index: place });
      await damageStore(store, before, { kind: "invent", index: 0 });
      let stepsTaken = 0;
      const derived: number[] = [];
      const stopping = { ...settings, throttle: async () => (++stepsTaken === stopAt ? Promise.reject(new Error("killed")) : undefined) };
      wasStopped = await reconcileFromLog(store, shadowState, stopping).then(
        () => false,
        (error: Error) => error.message === "killed",
      );
      await reconcileFromLog(store, shadowState, { ...settings, onProgress: (seq) => derived.push(seq) });
      expect(await allRows(store)).toEqual(before);
      if (wasStopped) expect(derived.length).toBe(Math.max(0, 5 - stopAt));
    }
  });

  test("goes on after the store failed, and leaves the watermark unchanged when nothing differs", async () => {
    const store = await storeAfter([fewEvents, foldThem]);
    const watermark = await store.readWatermark();
    const shadowState = openMemoryShadowState();
    const away: EventStore = { ...store, scanState: () => Promise.reject(new StoreUnavailableError("away")) };
    await expect(reconcileFromLog(away, shadowState, settings)).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(await shadowState.hasRebuild()).toBe(true);
    await reconcileFromLog(store, shadowState, settings);
    expect([await shadowState.hasRebuild(), await store.readWatermark()]).toEqual([false, watermark]);
  });

  test("of a selection leaves everything else unchanged, and reports what else differs", async () => {
    const store = await storeAfter([fewEvents, foldThem]);
    const before = await allRows(store);
    const cellsOf = (set: string) => before.filter(({ key }) => key.table === "cell" && key.set === set);
    await damageStore(store, cellsOf("vote"), { kind: "change", index: 0 });
    const left = await damageStore(store, cellsOf("event"), { kind: "delete", index: 0 });
    const report = await reconcileFromLog(store, openMemoryShadowState(), settings, (key) => key.table === "cell" && key.set === "vote");
    expect(report).toMatchObject({ repaired: 1, differing: 1, differences: [{ key: left, stored: null }] });
    expect((await store.readVerification()).pending).toBe(1);
  });

  test("of a store that is empty has nothing to do", async () => {
    expect(await reconcileFromLog(openMemoryStore(), openMemoryShadowState(), settings)).toMatchObject({
      throughSeq: emptyWatermark.seq,
      repaired: 0,
    });
  });
});

/** A store whose oldest chunks were dropped. */
function withoutChunksBefore(store: EventStore, firstSeq: number): EventStore {
  return { ...store, readChunks: (afterSeq, eventsMax) => store.readChunks(Math.max(afterSeq, firstSeq - 1), eventsMax) };
}
