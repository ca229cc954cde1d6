import { StoreUnavailableError } from "@trinity/storage/event-store";
import { holdLease, LeaseLostError } from "@trinity/storage/held-lease";
import type { LeaseStore } from "@trinity/storage/lease-store";
import { manualClock } from "@trinity/testing/manual-clock";
import { expect, test } from "vitest";
import { openMemoryLeaseStore } from "./memory-lease-store.ts";

const forMs = 9_000;

function setUp() {
  const memory = openMemoryLeaseStore();
  const clock = manualClock();
  const hold = (holder: string, leases: LeaseStore = memory) =>
    holdLease({ leases, name: "verification", holder, forMs, clock, pause: clock.pause });
  return { memory, clock, hold };
}

test("a held lease is renewed long before it expires, and stays exclusive", async () => {
  const { clock, hold } = setUp();
  const held = await hold("a");
  await clock.moveBy(100 * forMs);
  expect(held?.lost.aborted).toBe(false);
  expect(await hold("b")).toBeNull();
});

test("a lease that is released is free at once, and is not renewed any more", async () => {
  const { clock, hold } = setUp();
  const held = await hold("a");
  await held?.release();
  const next = await hold("b");
  await clock.moveBy(2 * forMs);
  expect([held?.lost.aborted, next?.lost.aborted]).toEqual([false, false]);
});

test("a store that fails for a while loses no lease, one that fails until its end does", async () => {
  const { memory, clock, hold } = setUp();
  let isAway = false;
  const renew: LeaseStore["renew"] = (...args) => (isAway ? Promise.reject(new StoreUnavailableError("away")) : memory.renew(...args));
  const held = await hold("a", { ...memory, renew });
  isAway = true;
  await clock.moveBy(0.7 * forMs);
  isAway = false;
  await clock.moveBy(2 * forMs);
  expect(held?.lost.aborted).toBe(false);
  isAway = true;
  await clock.moveBy(forMs);
  expect(held?.lost.reason).toBeInstanceOf(LeaseLostError);
});

test("a store that never answers does not keep it from knowing that the lease has ended", async () => {
  const { memory, clock, hold } = setUp();
  const held = await hold("a", { ...memory, renew: () => new Promise(() => {}) });
  await clock.moveBy(forMs - 1);
  expect(held?.lost.aborted).toBe(false);
  await clock.moveBy(1);
  expect(held?.lost.aborted).toBe(true);
});

test("a holder learns at its next renewal that another has taken the lease", async () => {
  const { memory, clock, hold } = setUp();
  const held = await hold("a");
  // As a process does whose clock is ahead.
  await memory.acquire("verification", "b", forMs, clock.nowMs() + 2 * forMs);
  await clock.moveBy(forMs / 3);
  expect(held?.lost.aborted).toBe(true);
});

test("records are written under it until another has taken it, whatever its holder knows by then", async () => {
  const { memory, clock, hold } = setUp();
  const held = await hold("a");
  await clock.moveBy(2 * forMs);
  expect(await held?.write("progress", "a's")).toBe("written");
  await memory.acquire("verification", "b", forMs, clock.nowMs() + 2 * forMs);
  expect(held?.lost.aborted).toBe(false);
  expect(await held?.write("progress", "too late")).toBe("lost");
  expect(await memory.readRecord("progress")).toBe("a's");
});

test("of a renewal that was answered, and of a lease that was released, no timer is left, and nothing is renewed after the release", async () => {
  const { memory, clock } = setUp();
  let [timers, renewals] = [0, 0];
  const pause = (ms: number, signal: AbortSignal) => {
    timers += 1;
    return clock.pause(ms, signal).finally(() => (timers -= 1));
  };
  const renew: LeaseStore["renew"] = (...args) => ((renewals += 1), memory.renew(...args));
  const held = await holdLease({ leases: { ...memory, renew }, name: "verification", holder: "a", forMs, clock, pause });
  for (let renewed = 1; renewed <= 3; renewed++) {
    await clock.moveBy(forMs / 3);
    expect([timers, renewals]).toEqual([1, renewed]);
  }
  await held?.release();
  await clock.moveBy(10 * forMs);
  expect([timers, renewals]).toEqual([0, 3]);
});
