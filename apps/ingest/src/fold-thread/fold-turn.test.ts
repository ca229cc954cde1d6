import { StoreUnavailableError } from "@trinity/storage/event-store";
import { openMemoryLeaseStore } from "@trinity/storage/memory-lease-store";
import { movedClock } from "@trinity/storage/moved-clock";
import { expect, test } from "vitest";
import { leasedTurn } from "./fold-turn.ts";

const forMs = 1_500;

/** Processes that share a lease store and a clock. */
function processes() {
  const leases = openMemoryLeaseStore();
  const clock = movedClock();
  const turnOf = (holder: string, store = leases) => leasedTurn({ leases: store, name: "fold", holder, forMs, clock, pause: clock.pause });
  return { leases, clock, turnOf };
}

test("one of several folds, and goes on folding however long it takes", async () => {
  const { clock, turnOf } = processes();
  const [a, b] = [turnOf("a"), turnOf("b")];
  expect([await a.take(), await b.take()]).toEqual([true, false]);
  await clock.moveBy(60_000);
  expect([await b.take(), await a.take()]).toEqual([false, true]);
});

test("when it stops, another may fold at once", async () => {
  const { turnOf } = processes();
  const [a, b] = [turnOf("a"), turnOf("b")];
  await a.take();
  await a.release();
  expect(await b.take()).toBe(true);
});

test("when it dies, another folds once the lease has ended, and it learns so when it comes back", async () => {
  const { leases, clock, turnOf } = processes();
  let isCut = false;
  const cut = {
    ...leases,
    renew: (...args: Parameters<typeof leases.renew>) => (isCut ? new Promise<null>(() => {}) : leases.renew(...args)),
  };
  const [a, b] = [turnOf("a", cut), turnOf("b")];
  await a.take();
  isCut = true;
  await clock.moveBy(forMs - 1);
  expect(await b.take()).toBe(false);
  await clock.moveBy(1);
  expect([await b.take(), await a.take()]).toEqual([true, false]);
});

test("while the store does not answer nobody takes a turn", async () => {
  const { leases, turnOf } = processes();
  const away = { ...leases, acquire: () => Promise.reject(new StoreUnavailableError("away")) };
  expect(await turnOf("a", away).take()).toBe(false);
});

test("a turn that is kept is not taken again", async () => {
  const { leases, turnOf } = processes();
  let acquired = 0;
  const counted = { ...leases, acquire: (...args: Parameters<typeof leases.acquire>) => ((acquired += 1), leases.acquire(...args)) };
  const turn = turnOf("a", counted);
  for (let i = 0; i < 3; i++) expect(await turn.take()).toBe(true);
  expect(acquired).toBe(1);
  await turn.release();
});

test("a failure that is none of the store's is not taken for another's turn", async () => {
  const { leases, turnOf } = processes();
  const broken = { ...leases, acquire: () => Promise.reject(new RangeError("a bug")) };
  await expect(turnOf("a", broken).take()).rejects.toThrow("a bug");
});
