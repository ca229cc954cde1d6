import { expect, test } from "vitest";
import { underLease } from "./held-lease.ts";
import { openLeaseStore } from "./lease-store.ts";
import { createTime } from "./time.testing.ts";

const running = new AbortController().signal;

test("the lease is prolonged for as long as the work takes, and given back", async () => {
  const leases = openLeaseStore();
  const { clock, pause } = createTime();
  const settings = { leases, holder: "a", clock, pause, leaseMs: 3_000 };
  const untilMs = clock.nowMs() + 60_000;
  await underLease("x", settings, running, async () => {
    while (clock.nowMs() < untilMs) {
      await new Promise(setImmediate);
      expect(await leases.acquire("x", "b", 3_000, clock.nowMs())).toBeNull();
    }
  });
  expect(await leases.acquire("x", "b", 3_000, clock.nowMs())).not.toBeNull();
});

test("work under a lease that another holds is not begun", async () => {
  const leases = openLeaseStore();
  const { clock, pause } = createTime();
  await leases.acquire("x", "b", 3_000, clock.nowMs());
  expect(await underLease("x", { leases, holder: "a", clock, pause }, running, async () => "done")).toBeNull();
});

test("work is told when its lease is lost, and what it writes then is not taken", async () => {
  const leases = openLeaseStore();
  const { clock, pause } = createTime();
  const outcome = await underLease("x", { leases, holder: "a", clock, pause, leaseMs: 3_000 }, running, async (lease, signal) => {
    await leases.acquire("x", "b", 3_000, clock.nowMs() + 10_000);
    while (!signal.aborted) await new Promise(setImmediate);
    return lease.write("record", "value");
  });
  expect(outcome).toBe("lost");
  expect(await leases.readRecord("record")).toBeNull();
});
