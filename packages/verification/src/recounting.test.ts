import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tierMs } from "@trinity/aggregation/bucket";
import type { Cell } from "@trinity/aggregation/cell";
import type { FoldStep } from "@trinity/aggregation/fold";
import { type Engine, startEngine } from "@trinity/columns/engine";
import { openLogColumns } from "@trinity/columns/log-columns";
import { sealNext } from "@trinity/columns/seal";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import type { DerivedState } from "@trinity/storage/shadow-state";
import { contentOfVector } from "@trinity/storage/state-row";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openMemoryShadowState } from "./memory-shadow-state.ts";
import { Recounting } from "./recounting.ts";
import { unthrottled } from "./replay.ts";
import { verificationCycle } from "./verification-cycle.ts";

// Each test starts engines.
vi.setConfig({ testTimeout: 120_000 });

let engine: Engine;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trinity-recounting-"));
  engine = startEngine({ spillDir: join(folder, "spill") });
});
afterEach(() => {
  engine.close();
  rmSync(folder, { recursive: true });
});

const dayMs = tierMs.day;
const midnightMs = noonMs - dayMs / 2;

/** A fold that counts one more vote on comedies by the hour. */
function withMistake<State extends Pick<EventStore, "commitFold">>(state: State): State {
  const wrong = (cell: Cell): Cell =>
    cell.set === "vote/genre" && cell.tier === "hour"
      ? { ...cell, vector: new Map([...cell.vector, [0, (cell.vector.get(0) ?? 0) + 1]]) }
      : cell;
  return { ...state, commitFold: (step: FoldStep) => state.commitFold({ ...step, cells: step.cells.map(wrong) }) };
}

async function filled(store: EventStore, days = 1): Promise<EventStore> {
  for (let day = 0; day < days; day++) {
    await store.append(batchOf([newEvent(`vote-${day}`, { timestampMs: noonMs + day * dayMs })]));
    await foldAll(store, () => noonMs);
  }
  return store;
}

function recountingOf(store: EventStore, troubles: string[] = []) {
  return new Recounting(openLogColumns({ store, segmentsDir: folder, start: () => engine }), (reason) => troubles.push(reason));
}

/** Shadow states that make the same mistake as the store: they are folded by the same code. */
function shadowWithMistake() {
  const shadow = openMemoryShadowState();
  const mistaken = async (derived: Promise<DerivedState>) => withMistake((await derived) as DerivedState & EventStore);
  return { ...shadow, incremental: () => mistaken(shadow.incremental("empty")), rebuild: () => mistaken(shadow.rebuild("empty")) };
}

const disputedBucket = { set: "vote/genre", tier: "hour", bucketMs: noonMs };

test("a mistake in the fold is found within a cycle, named by its bucket, and the bucket stays pending", async () => {
  const store = await filled(withMistake(openMemoryStore()));
  const shadowState = shadowWithMistake();
  const recounting = recountingOf(store);
  for (let cycle = 1; cycle <= 2; cycle++) {
    const report = await verificationCycle(store, shadowState, { nowMs: () => noonMs, throttle: unthrottled, recounting });
    expect(report).toMatchObject({ differing: 0, repaired: 0, disputed: [disputedBucket] });
    const { pending, lastCycle } = await store.readVerification();
    expect([pending, lastCycle?.unresolved, lastCycle?.unresolvedBuckets]).toEqual([1, 1, [disputedBucket]]);
  }
});

test("the shadow state alone does not find it", async () => {
  const store = await filled(withMistake(openMemoryStore()));
  const report = await verificationCycle(store, shadowWithMistake(), { nowMs: () => noonMs, throttle: unthrottled });
  expect(report).toMatchObject({ differing: 0, repaired: 0, recounted: null, disputed: [] });
});

test("a cell that is damaged is repaired, and disputed by nobody then", async () => {
  const store = await filled(openMemoryStore());
  const shadowState = openMemoryShadowState();
  const recounting = recountingOf(store);
  const settings = { nowMs: () => noonMs, throttle: unthrottled, recounting };
  await verificationCycle(store, shadowState, settings);
  const key = { table: "cell", set: "vote/genre", tier: "hour", bucketMs: noonMs, value: "comedy" } as const;
  const derived = contentOfVector(new Map([[0, 7]]));
  await store.commitRepair({ from: await store.readWatermark(), repairedAtMs: 1, repairs: [{ key, stored: null, derived }] });
  expect(await verificationCycle(store, shadowState, settings)).toMatchObject({ repaired: 1, differing: 0, disputed: [] });
  expect(await store.readVerification()).toMatchObject({ pending: 0, lastCycle: { unresolved: 0, unresolvedBuckets: [] } });
});

test("a bucket that a fold changes after SQL has looked stays pending until the next cycle", async () => {
  const store = await filled(openMemoryStore());
  const shadowState = openMemoryShadowState();
  const settings = { nowMs: () => noonMs, throttle: unthrottled, recounting: recountingOf(store) };
  let isFirst = true;
  const changing: EventStore = {
    ...store,
    // The first page of the comparison comes after SQL.
    async scanState(...args) {
      if (isFirst) {
        isFirst = false;
        await store.append(batchOf([newEvent("late", { timestampMs: noonMs + 1 })]));
        await foldAll(store, () => noonMs);
      }
      return store.scanState(...args);
    },
  };
  await verificationCycle(changing, shadowState, settings);
  expect((await store.readVerification()).pending).toBeGreaterThan(0);
  await verificationCycle(store, shadowState, settings);
  expect((await store.readVerification()).pending).toBe(0);
});

test("days that nothing changes are compared in turn, one a cycle, and frozen ones never", async () => {
  const store = await filled(openMemoryStore(), 4);
  await sealNext({ store, engine, segmentsDir: folder, nowMs: noonMs });
  const shadowState = openMemoryShadowState();
  const recounting = recountingOf(store);
  await verificationCycle(store, shadowState, { nowMs: () => noonMs, throttle: unthrottled, recounting });
  await store.freezeBefore(midnightMs + dayMs);
  const turns = [];
  for (let cycle = 0; cycle < 5; cycle++) turns.push((await recounting.next(store, unthrottled))?.days);
  expect(turns).toEqual([[], ...[1, 2, 3].map((day) => [midnightMs + day * dayMs]), []]);
});

test("where the log cannot be read as columns the shadow state alone is compared, and the reason is told", async () => {
  const store = await filled(openMemoryStore());
  const troubles: string[] = [];
  const columns = { ...openLogColumns({ store, segmentsDir: folder, start: () => engine }), read: async () => null };
  const recounting = new Recounting(columns, (reason) => troubles.push(reason));
  const report = await verificationCycle(store, openMemoryShadowState(), { nowMs: () => noonMs, throttle: unthrottled, recounting });
  expect([report.recounted, troubles]).toEqual([null, ["the log cannot be read as columns now"]]);
  expect((await store.readVerification()).pending).toBe(0);
});
