import { manualClock } from "@trinity/testing/manual-clock";
import { expect, test } from "vitest";
import { createRepeating } from "./repeating.ts";

function setUp() {
  const clock = manualClock();
  const at: number[] = [];
  const repeating = createRepeating(async () => void at.push(clock.nowMs()), 1_000, clock.pause);
  return { clock, at, repeating };
}

test("it runs at once, and then once after each interval", async () => {
  const { clock, at, repeating } = setUp();
  await clock.moveBy(5_000);
  expect(at).toEqual([]);
  repeating.start();
  await clock.moveBy(2_999);
  expect(at).toEqual([5_000, 6_000, 7_000]);
});

test("a second start while it runs starts no second run", async () => {
  const { clock, at, repeating } = setUp();
  repeating.start();
  repeating.start();
  await clock.moveBy(999);
  expect(at).toEqual([0]);
});

test("after a stop it does not run until it is started again", async () => {
  const { clock, at, repeating } = setUp();
  repeating.stop();
  repeating.start();
  await clock.moveBy(10);
  repeating.stop();
  await clock.moveBy(10_000);
  expect(at).toEqual([0]);
  repeating.start();
  await clock.moveBy(999);
  expect(at).toEqual([0, 10_010]);
});

test("after a stop during a run it does not run again", async () => {
  const clock = manualClock();
  let runs = 0;
  const repeating = createRepeating(
    async () => {
      runs += 1;
      repeating.stop();
    },
    1_000,
    clock.pause,
  );
  repeating.start();
  await clock.moveBy(5_000);
  expect(runs).toBe(1);
});
