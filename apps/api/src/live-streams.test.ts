import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { createLiveStreams } from "./live-streams.ts";
import { createTurns } from "./turns.ts";

/** Timers that never run out by themselves: what is left of them was not stopped. */
function heldTimers() {
  const running = new Set<() => void>();
  const waits: number[] = [];
  const sleep = (ms: number, signal = AbortSignal.any([])) =>
    new Promise<void>((resolve, reject) => {
      waits.push(ms);
      if (signal.aborted) return reject(signal.reason);
      const elapse = () => {
        running.delete(elapse);
        resolve();
      };
      running.add(elapse);
      signal.addEventListener("abort", () => {
        running.delete(elapse);
        reject(signal.reason);
      });
    });
  return { sleep, running, waits };
}

const settled = async () => {
  for (let i = 0; i < 3; i++) await new Promise(setImmediate);
};
const valid = async () => true;

test.each<[string, (leaving: AbortController, close: () => void) => void]>([
  ["its reader leaves", (leaving) => leaving.abort()],
  ["it is closed", (_leaving, close) => close()],
])("the timer of the keys runs while a stream is open, and stops when %s", async (_how, end) => {
  const { sleep, running } = heldTimers();
  const streams = createLiveStreams(10, sleep, createTurns());
  for (let round = 0; round < 3; round++) {
    const readers = [new AbortController(), new AbortController()];
    const open = readers.map(({ signal }) => streams.open(signal, valid));
    await settled();
    expect(running.size).toBe(1);
    end(readers[0] as AbortController, () => open[0]?.close());
    await settled();
    expect([streams.count, running.size]).toEqual([1, 1]);
    end(readers[1] as AbortController, () => open[1]?.close());
    await settled();
    expect([streams.count, running.size]).toEqual([0, 0]);
    for (const { signal } of readers) expect(getEventListeners(signal, "abort")).toEqual([]);
  }
});

test("a reader that has left already, and one that comes while the process stops, start no timer that stays", async () => {
  const { sleep, running } = heldTimers();
  const streams = createLiveStreams(10, sleep, createTurns());
  expect(streams.open(AbortSignal.abort(), valid)?.signal.aborted).toBe(true);
  streams.endAll();
  expect(streams.open(new AbortController().signal, valid)?.signal.aborted).toBe(true);
  await settled();
  expect([streams.count, running.size]).toEqual([0, 0]);
});

test("a key is asked for again every ten seconds, and its stream ends when it no longer holds", async () => {
  const { sleep, running, waits } = heldTimers();
  const streams = createLiveStreams(10, sleep, createTurns());
  let isValid = true;
  const stream = streams.open(new AbortController().signal, async () => isValid);
  await settled();
  for (const elapse of running) elapse();
  await settled();
  expect([stream?.signal.aborted, waits]).toEqual([false, [10_000, 10_000]]);
  isValid = false;
  for (const elapse of running) elapse();
  await settled();
  expect([stream?.signal.aborted, streams.count, running.size]).toEqual([true, 0, 0]);
});

test("as many streams as the process carries are open, no more, and one that ends makes room", () => {
  const streams = createLiveStreams(2, heldTimers().sleep, createTurns());
  const open = () => streams.open(new AbortController().signal, valid);
  const first = open();
  expect([streams.count, streams.isFull]).toEqual([1, false]);
  open();
  expect([open(), streams.count, streams.isFull]).toEqual([null, 2, true]);
  first?.close();
  expect([streams.count, streams.isFull, open() === null]).toEqual([1, false, false]);
});

test("when the process stops, every stream ends", async () => {
  const { sleep, running } = heldTimers();
  const streams = createLiveStreams(10, sleep, createTurns());
  const open = [1, 2].map(() => streams.open(new AbortController().signal, valid));
  await settled();
  streams.endAll();
  await settled();
  expect([open.map((stream) => stream?.signal.aborted), streams.count, running.size]).toEqual([[true, true], 0, 0]);
});

test("a key that cannot be read now ends no stream", async () => {
  const { sleep, running } = heldTimers();
  const streams = createLiveStreams(10, sleep, createTurns());
  const stream = streams.open(new AbortController().signal, () => Promise.reject(new Error("away")));
  await settled();
  for (const elapse of running) elapse();
  await settled();
  expect([stream?.signal.aborted, streams.count]).toEqual([false, 1]);
});
