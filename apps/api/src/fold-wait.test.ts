import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { manualClock } from "@trinity/testing/manual-clock";
import { expect, test } from "vitest";
import type { Context } from "./context.ts";
import { waitForFold, waitUntilFresh } from "./fold-wait.ts";

async function setUp(appended: number) {
  const store = openMemoryStore();
  for (let i = 0; i < appended; i++) await store.append(batchOf([newEvent(`e${i}`)]));
  const clock = manualClock();
  const waiting = new AbortController();
  const outcome: (boolean | "given up")[] = [];
  const wait = () =>
    void waitForFold({ progress: store, clock, sleep: clock.pause }, waiting.signal).then(
      (isFresh) => outcome.push(isFresh),
      () => outcome.push("given up"),
    );
  return { store, clock, waiting, outcome, wait };
}

test("what is folded already is not waited for", async () => {
  const { store, clock, outcome, wait } = await setUp(2);
  await foldAll(store, () => noonMs);
  wait();
  await clock.moveBy(0);
  expect(outcome).toEqual([true]);
});

test("the wait ends within 25 ms of the fold of what the log held at the call; what came later is not waited for", async () => {
  const { store, clock, outcome, wait } = await setUp(1);
  wait();
  await clock.moveBy(4_000);
  expect(outcome).toEqual([]);
  await foldAll(store, () => noonMs);
  await store.append(batchOf([newEvent("later")]));
  await clock.moveBy(25);
  expect(outcome).toEqual([true]);
});

test("a fold that takes five seconds is not waited for any longer", async () => {
  const { clock, outcome, wait } = await setUp(1);
  wait();
  await clock.moveBy(4_999);
  expect(outcome).toEqual([]);
  await clock.moveBy(1);
  expect(outcome).toEqual([false]);
});

test("a caller that leaves ends the wait", async () => {
  const { clock, waiting, outcome, wait } = await setUp(1);
  wait();
  await clock.moveBy(100);
  waiting.abort();
  await clock.moveBy(0);
  expect(outcome).toEqual(["given up"]);
});

test("who asks for fresh answers gets none while the fold takes too long, and is told to ask again", async () => {
  for (const isFolded of [true, false]) {
    const { store, clock } = await setUp(1);
    if (isFolded) await foldAll(store, () => noonMs);
    const outcome = waitUntilFresh({ progress: store, clock, sleep: clock.pause } as unknown as Context).then(
      () => "fresh",
      (error: Error) => error.message,
    );
    await clock.moveBy(6_000);
    expect(await outcome).toBe(isFolded ? "fresh" : "unavailable");
  }
});
