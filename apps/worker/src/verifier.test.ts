import type { Sleep } from "@trinity/runtime/sleep";
import { type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { LeaseLostError } from "@trinity/storage/held-lease";
import { UnderivableError } from "@trinity/storage/shadow-state";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { openMemoryShadowState } from "@trinity/verification/memory-shadow-state";
import { expect, test } from "vitest";
import { type CycleOutcome, startVerifier } from "./verifier.ts";

/** The signal of a lease that cannot be lost. */
const never = new AbortController().signal;

/** A clock that only pauses move on; each cycle's outcome and when it ended, until `cyclesMax` of them. */
async function run(open: (cycle: number) => Promise<EventStore>, cyclesMax: number) {
  const shadowState = openMemoryShadowState();
  const seen: (readonly [atMs: number, outcome: CycleOutcome])[] = [];
  const done = Promise.withResolvers<void>();
  let [nowMs, opened, closed] = [0, 0, 0];
  const sleep: Sleep = async (ms, signal = never) => {
    signal.throwIfAborted();
    if (ms >= 1_000) nowMs += ms;
  };
  const verifier = startVerifier({
    open: async () => ({
      store: await open(++opened),
      shadowState,
      lost: never,
      close: async () => void (closed += 1),
    }),
    firstAfterMs: 60_000,
    everyMs: 900_000,
    clock: { nowMs: () => nowMs },
    sleep,
    onCycle: (outcome) => {
      seen.push([nowMs, outcome]);
      if (seen.length === cyclesMax) done.resolve();
    },
  });
  await done.promise;
  await verifier.stop();
  return { seen: seen.slice(0, cyclesMax), opened, closed };
}

async function filledStore(): Promise<EventStore> {
  const store = openMemoryStore();
  await store.append(batchOf([newEvent("a"), newEvent("b")]));
  await foldAll(store, () => noonMs);
  return store;
}

test("the first cycle comes after a while, and each further one an interval after the one before", async () => {
  const store = await filledStore();
  const { seen } = await run(async () => store, 3);
  expect(seen).toEqual([
    [60_000, "clean"],
    [960_000, "clean"],
    [1_860_000, "clean"],
  ]);
});

test("a cycle that fails, and one that finds no store, are counted, and the next comes all the same", async () => {
  const store = await filledStore();
  const failing = { ...store, scanState: () => Promise.reject(new Error("a bug")) };
  const open = async (cycle: number) => {
    if (cycle === 1) throw new StoreUnavailableError("not there yet");
    return cycle === 2 ? failing : store;
  };
  const { seen, closed } = await run(open, 3);
  expect(seen.map(([, outcome]) => outcome)).toEqual(["skipped", "failed", "clean"]);
  expect(closed).toBeGreaterThanOrEqual(2);
});

test("a cycle that repairs something is reported as repaired", async () => {
  const store = await filledStore();
  const open = async (cycle: number) => {
    const { rows } = await store.scanState(null, 100);
    const cell = rows.find(({ key }) => key.table === "cell");
    if (cell === undefined) throw new TypeError("no cells");
    const repairs = [{ key: cell.key, stored: cell.content, derived: "[[0,77]]" }];
    if (cycle === 2) await store.commitRepair({ from: await store.readWatermark(), repairedAtMs: 0, repairs });
    return store;
  };
  expect((await run(open, 3)).seen.map(([, outcome]) => outcome)).toEqual(["clean", "repaired", "clean"]);
});

test("stopped during a cycle, it ends at the next step and closes what it opened", async () => {
  const store = await filledStore();
  const reached = Promise.withResolvers<void>();
  const outcomes: CycleOutcome[] = [];
  let isClosed = false;
  const verifier = startVerifier({
    open: async () => ({ store, shadowState: openMemoryShadowState(), lost: never, close: async () => void (isClosed = true) }),
    firstAfterMs: 60_000,
    everyMs: 900_000,
    clock: { nowMs: () => 0 },
    sleep: (ms, signal = never) => {
      if (ms === 60_000) return Promise.resolve();
      reached.resolve();
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
    onCycle: (outcome) => outcomes.push(outcome),
  });
  await reached.promise;
  await verifier.stop();
  expect([isClosed, outcomes]).toEqual([true, []]);
});

test("a lost lease ends a cycle at the next step, as skipped, and the next cycle follows", async () => {
  const store = await filledStore();
  const outcomes: CycleOutcome[] = [];
  const done = Promise.withResolvers<void>();
  const leases = [new AbortController(), new AbortController()];
  let [opened, closed] = [0, 0];
  const verifier = startVerifier({
    open: async () => {
      const { signal } = leases[opened++] ?? new AbortController();
      return { store, shadowState: openMemoryShadowState(), lost: signal, close: async () => void (closed += 1) };
    },
    firstAfterMs: 60_000,
    everyMs: 900_000,
    clock: { nowMs: () => 0 },
    sleep: async (ms, signal = never) => {
      if (ms < 60_000) leases[0]?.abort(new LeaseLostError("another has it"));
      signal.throwIfAborted();
    },
    onCycle: (outcome) => {
      outcomes.push(outcome);
      if (outcomes.length === 2) done.resolve();
    },
  });
  await done.promise;
  await verifier.stop();
  expect([outcomes.slice(0, 2), closed]).toEqual([["skipped", "clean"], opened]);
});

test("stopped between two cycles, it begins no other", async () => {
  let opened = 0;
  const verifier = startVerifier({
    open: async () => {
      opened += 1;
      throw new StoreUnavailableError("not there");
    },
    firstAfterMs: 60_000,
    everyMs: 900_000,
    clock: { nowMs: () => 0 },
    sleep: (_, signal = never) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    onCycle: () => {},
  });
  await verifier.stop();
  expect(opened).toBe(0);
});

test("a difference that cannot be repaired is reported as unsettled", async () => {
  const store = await filledStore();
  const { rows } = await store.scanState(null, 100);
  const cell = rows.find(({ key }) => key.table === "cell");
  if (cell === undefined) throw new TypeError("no cells");
  const repairs = [{ key: cell.key, stored: cell.content, derived: "[[0,77]]" }];
  await store.commitRepair({ from: await store.readWatermark(), repairedAtMs: 0, repairs });
  const done = Promise.withResolvers<CycleOutcome>();
  const shadowState = { ...openMemoryShadowState(), rebuild: () => Promise.reject(new UnderivableError("the log begins later")) };
  const verifier = startVerifier({
    open: async () => ({ store, shadowState, lost: never, close: async () => {} }),
    firstAfterMs: 60_000,
    everyMs: 900_000,
    clock: { nowMs: () => 0 },
    sleep: async (_, signal = never) => signal.throwIfAborted(),
    onCycle: done.resolve,
  });
  expect(await done.promise).toBe("unsettled");
  await verifier.stop();
});
