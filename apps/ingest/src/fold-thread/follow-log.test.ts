import { type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";
import { batchOf, newEvent } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { openMemoryLeaseStore } from "@trinity/storage-memory/memory-lease-store";
import { manualClock } from "@trinity/testing/manual-clock";
import { expect, test } from "vitest";
import { leasedFold } from "./fold-lease.ts";
import { followLog } from "./follow-log.ts";
import type { FoldReport } from "./messages.ts";

const never = new AbortController().signal;
const forMs = 1_500;

/** Processes that share a store, leases and a clock. */
function processes() {
  const store = openMemoryStore();
  const leases = openMemoryLeaseStore();
  const clock = manualClock(1_000_000);

  function start(holder: string, over: EventStore = store) {
    const reports: FoldReport[] = [];
    let isStopping = false;
    let isDead = false;
    // A process that died never comes back from what it waits for.
    const unlessDead = async (ms: number, signal: AbortSignal) => {
      await clock.pause(ms, signal);
      if (isDead) await new Promise(() => {});
    };
    const ended = followLog({
      store: over,
      foldLease: leasedFold({ leases, name: "fold", holder, forMs, clock, pause: unlessDead }),
      restMs: 200,
      idleMs: 500,
      nowMs: clock.nowMs,
      sleep: (ms) => unlessDead(ms, never),
      news: { isStopping: () => isStopping, take: () => 0, wait: (ms) => unlessDead(ms, never) },
      report: (report) => reports.push(report),
    });
    return { reports, ended, stop: () => void (isStopping = true), die: () => void (isDead = true) };
  }

  let events = 0;
  const append = () => store.append({ ...batchOf([newEvent(`e${events++}`)]), receivedAtMs: clock.nowMs() });
  return { store, clock, start, append };
}

test("a process whose turn it is not folds nothing, but tells how far the one is whose turn it is", async () => {
  const { store, clock, start, append } = processes();
  start("a");
  const b = start("b", { ...store, commitFold: () => Promise.reject(new Error("not its turn")) });
  await clock.moveBy(1_000);
  await append();
  await clock.moveBy(2_000);
  expect((await store.readWatermark()).seq).toBe(1);
  expect(b.reports.at(-1)).toMatchObject({ kind: "folded", seq: 1, waitingSinceMs: null });
});

test("what waits while nobody folds is seen by the others, and folded by one of them within two and a half seconds of a death", async () => {
  const { store, clock, start, append } = processes();
  const a = start("a");
  const b = start("b");
  await clock.moveBy(1_000);
  a.die();
  const diedAtMs = clock.nowMs();
  await append();
  await clock.moveBy(1_000);
  expect(b.reports.at(-1)).toMatchObject({ seq: 0, waitingSinceMs: diedAtMs });
  await clock.moveBy(1_500);
  expect((await store.readWatermark()).seq).toBe(1);
  expect(b.reports.at(-1)).toMatchObject({ seq: 1, waitingSinceMs: null });
});

test("told to stop, it ends once everything is folded, and the next one takes over at once", async () => {
  const { store, clock, start, append } = processes();
  const a = start("a");
  const b = start("b");
  await clock.moveBy(1_000);
  await append();
  a.stop();
  await clock.moveBy(700);
  await a.ended;
  expect((await store.readWatermark()).seq).toBe(1);
  await append();
  await clock.moveBy(1_400);
  expect((await store.readWatermark()).seq).toBe(2);
  b.stop();
  await clock.moveBy(1_000);
  await b.ended;
});

test("a store that cannot be reached for a while ends nothing", async () => {
  const { store, clock, start, append } = processes();
  let isAway = true;
  const readWatermark = () => (isAway ? Promise.reject(new StoreUnavailableError("away")) : store.readWatermark());
  start("a", { ...store, readWatermark });
  await append();
  await clock.moveBy(5_000);
  isAway = false;
  await clock.moveBy(1_000);
  expect((await store.readWatermark()).seq).toBe(1);
});
