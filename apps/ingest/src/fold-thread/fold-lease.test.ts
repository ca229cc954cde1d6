import { StoreUnavailableError } from "@trinity/storage/event-store";
import { openMemoryLeaseStore } from "@trinity/storage-memory/memory-lease-store";
import { manualClock } from "@trinity/testing/manual-clock";
import { expect, test } from "vitest";
import { leasedFold } from "./fold-lease.ts";

const forMs = 1_500;

/** Processes that share a lease store and a clock. */
function processes() {
  const leases = openMemoryLeaseStore();
  const clock = manualClock();
  const leaseOf = (holder: string, store = leases) => leasedFold({ leases: store, name: "fold", holder, forMs, clock, pause: clock.pause });
  return { leases, clock, leaseOf };
}

test("one of several folds, and goes on folding however long it takes", async () => {
  const { clock, leaseOf } = processes();
  const [a, b] = [leaseOf("a"), leaseOf("b")];
  expect([await a.take(), await b.take()]).toEqual([true, false]);
  await clock.moveBy(60_000);
  expect([await b.take(), await a.take()]).toEqual([false, true]);
});

test("when it stops, another may fold at once", async () => {
  const { leaseOf } = processes();
  const [a, b] = [leaseOf("a"), leaseOf("b")];
  await a.take();
  await a.release();
  expect(await b.take()).toBe(true);
});

test("when it dies, another folds once the lease has ended, and it learns so when it comes back", async () => {
  const { leases, clock, leaseOf } = processes();
  let isCut = false;
  const cut = {
    ...leases,
    renew: (...args: Parameters<typeof leases.renew>) => (isCut ? new Promise<null>(() => {}) : leases.renew(...args)),
  };
  const [a, b] = [leaseOf("a", cut), leaseOf("b")];
  await a.take();
  isCut = true;
  await clock.moveBy(forMs - 1);
  expect(await b.take()).toBe(false);
  await clock.moveBy(1);
  expect([await b.take(), await a.take()]).toEqual([true, false]);
});

test("while the store does not answer nobody takes a turn", async () => {
  const { leases, leaseOf } = processes();
  const away = { ...leases, acquire: () => Promise.reject(new StoreUnavailableError("away")) };
  expect(await leaseOf("a", away).take()).toBe(false);
});

test("a turn that is kept is not taken again", async () => {
  const { leases, leaseOf } = processes();
  let acquired = 0;
  const counted = { ...leases, acquire: (...args: Parameters<typeof leases.acquire>) => ((acquired += 1), leases.acquire(...args)) };
  const foldLease = leaseOf("a", counted);
  for (let i = 0; i < 3; i++) expect(await foldLease.take()).toBe(true);
  expect(acquired).toBe(1);
  await foldLease.release();
});

test("a failure that is none of the store's is not taken for another's turn", async () => {
  const { leases, leaseOf } = processes();
  const broken = { ...leases, acquire: () => Promise.reject(new RangeError("a bug")) };
  await expect(leaseOf("a", broken).take()).rejects.toThrow("a bug");
});
