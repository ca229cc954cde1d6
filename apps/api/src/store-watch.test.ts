import { getEventListeners } from "node:events";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { manualClock } from "@trinity/testing/manual-clock";
import { expect, test } from "vitest";
import { createStoreWatch, type StoreWatch, watchEveryMs } from "./store-watch.ts";

function setUp(everyMs: number = watchEveryMs.shared) {
  const store = openMemoryStore();
  const clock = manualClock();
  let looks = 0;
  let isAway = false;
  const watch = createStoreWatch(
    {
      ...store,
      readRollups: async (...args) => {
        looks += 1;
        if (isAway) throw new StoreUnavailableError("away");
        return store.readRollups(...args);
      },
    },
    clock.pause,
    everyMs,
  );
  return { store, clock, watch, looks: () => looks, setAway: (away: boolean) => void (isAway = away) };
}

const stays = new AbortController().signal;

/** What a listener was told, in order, until its signal aborts. */
function listen(watch: StoreWatch) {
  const leaving = new AbortController();
  const watching = watch.open(leaving.signal);
  const told: unknown[] = [];
  const listening = async () => {
    for (;;) told.push(await watching.changed());
  };
  listening()
    .catch((error: unknown) => told.push(error))
    .finally(() => watching.close());
  return { told, leaving };
}

test("every listener is told of the state at first and then of each change once, within 250 ms", async () => {
  const { store, clock, watch } = setUp();
  const listeners = [listen(watch), listen(watch)];
  await clock.moveBy(1_000);
  await store.append(batchOf([newEvent("a")]));
  await clock.moveBy(250);
  await foldAll(store, () => noonMs);
  await clock.moveBy(250);
  await clock.moveBy(1_000);
  for (const { told } of listeners) {
    expect(told).toEqual([
      { headSeq: 0, revision: 0 },
      { headSeq: 1, revision: 0 },
      { headSeq: 1, revision: 1 },
    ]);
  }
});

test("what changed while a listener was busy is told at once, and a change that it has seen is not told again", async () => {
  const { store, clock, watch } = setUp();
  const watching = watch.open(stays);
  await clock.moveBy(0);
  expect(await watching.changed()).toEqual({ headSeq: 0, revision: 0 });
  await store.append(batchOf([newEvent("a")]));
  await store.append(batchOf([newEvent("b")]));
  await clock.moveBy(250);
  expect(await watching.changed()).toEqual({ headSeq: 2, revision: 0 });
  const told: unknown[] = [];
  void watching.changed().then((state) => told.push(state));
  await clock.moveBy(1_000);
  expect(told).toEqual([]);
});

test("in a local store news is told within 20 ms, and more news at once no sooner than 100 ms later", async () => {
  const { store, clock, watch } = setUp(watchEveryMs.local);
  const { told } = listen(watch);
  const appended = async (id: string) => void (await store.append(batchOf([newEvent(id)])));
  await clock.moveBy(1_000);
  await appended("a");
  await clock.moveBy(20);
  expect(told).toHaveLength(2);
  await appended("b");
  await clock.moveBy(79);
  expect(told).toHaveLength(2);
  await clock.moveBy(21);
  expect(told).toHaveLength(3);
});

test("one that begins to listen later is told of the state as it is, without a change", async () => {
  const { clock, watch } = setUp();
  watch.open(stays);
  await clock.moveBy(1_000);
  const { told } = listen(watch);
  await clock.moveBy(0);
  expect(told).toEqual([{ headSeq: 0, revision: 0 }]);
});

test("a store that cannot answer has no news, and is asked again", async () => {
  const { store, clock, watch, setAway } = setUp();
  setAway(true);
  const { told } = listen(watch);
  await store.append(batchOf([newEvent("a")]));
  await clock.moveBy(1_000);
  expect(told).toEqual([]);
  setAway(false);
  await clock.moveBy(250);
  expect(told).toEqual([{ headSeq: 1, revision: 0 }]);
});

test("a local store that cannot answer, which may open its files anew for it, is asked every 100 ms", async () => {
  const { clock, watch, looks, setAway } = setUp(watchEveryMs.local);
  setAway(true);
  watch.open(stays);
  await clock.moveBy(999);
  expect(looks()).toBe(10);
});

test("all listeners share one poll every 250 ms, which rests once the last has closed, however often it closes", async () => {
  const { clock, watch, looks } = setUp();
  expect(watch.listeners).toBe(0);
  const [a, b] = [watch.open(stays), watch.open(stays)];
  await clock.moveBy(1_000);
  expect([looks(), watch.listeners]).toEqual([5, 2]);
  a.close();
  a.close();
  await clock.moveBy(250);
  expect([looks(), watch.listeners]).toEqual([6, 1]);
  b.close();
  await clock.moveBy(10_000);
  expect([looks(), watch.listeners]).toEqual([6, 0]);
  watch.open(stays);
  await clock.moveBy(0);
  expect([looks(), watch.listeners]).toEqual([7, 1]);
});

test("a listener that leaves gets the reason, and nothing of it is left on its signal", async () => {
  const { clock, watch } = setUp();
  const { told, leaving } = listen(watch);
  await clock.moveBy(0);
  expect(getEventListeners(leaving.signal, "abort")).toHaveLength(1);
  const reason = new Error("left");
  leaving.abort(reason);
  await clock.moveBy(0);
  expect(told).toEqual([{ headSeq: 0, revision: 0 }, reason]);
  expect(getEventListeners(leaving.signal, "abort")).toEqual([]);
  await expect(setUp().watch.open(leaving.signal).changed()).rejects.toBe(reason);
});

test("listeners that are told of many changes leave nothing on their signals", async () => {
  const { store, clock, watch } = setUp();
  const { told, leaving } = listen(watch);
  for (let i = 0; i < 20; i++) {
    await store.append(batchOf([newEvent(`e${i}`)]));
    await clock.moveBy(250);
  }
  expect(told.length).toBeGreaterThan(20);
  expect(getEventListeners(leaving.signal, "abort")).toHaveLength(1);
});
