import { expect, test } from "vitest";
import { createThrottle } from "./throttle.ts";

test("after each step it rests as long as the step took, at least a moment and at most two seconds; what was rested is no work", async () => {
  let nowMs = 0;
  const rests: number[] = [];
  const sleep = async (ms: number) => {
    rests.push(ms);
    nowMs += ms;
  };
  const throttle = createThrottle({ nowMs: () => nowMs }, sleep, new AbortController().signal);
  for (const tookMs of [300, 0, 5_000, 40]) {
    nowMs += tookMs;
    await throttle();
  }
  expect(rests).toEqual([300, 1, 2_000, 40]);
});

test("when it is stopped, it rejects instead of pausing", async () => {
  const stopping = new AbortController();
  const sleep = async (_ms: number, signal?: AbortSignal) => signal?.throwIfAborted();
  const throttle = createThrottle({ nowMs: () => 0 }, sleep, stopping.signal);
  await throttle();
  stopping.abort();
  await expect(throttle()).rejects.toThrow();
});
