import type { Lease, LeaseStore } from "@trinity/storage/lease-store";
import type { Clock, Pause } from "./clock.ts";

export type LeaseSettings = {
  readonly leases: LeaseStore;
  /** Another text for every process that was ever started. */
  readonly holder: string;
  readonly clock: Clock;
  readonly pause: Pause;
  readonly leaseMs?: number;
};

export type HeldLease = {
  /** Writes a record under the lease. */
  write(name: string, value: string): Promise<"written" | "lost">;
};

/**
 * Does work that only one process may do at a time, and prolongs the lease meanwhile. The work's signal aborts when the lease is lost or
 * `signal` aborts; the lease is given back when the work ends.
 * @returns null while another process holds the lease
 */
export async function underLease<T>(
  name: string,
  { leases, holder, clock, pause, leaseMs = 30_000 }: LeaseSettings,
  signal: AbortSignal,
  work: (lease: HeldLease, signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const first = await leases.acquire(name, holder, leaseMs, clock.nowMs());
  if (first === null) return null;
  let lease: Lease = first;
  const over = new AbortController();
  const working = AbortSignal.any([signal, over.signal]);

  async function prolong(): Promise<void> {
    while (!working.aborted) {
      await pause(leaseMs / 3, working);
      // A store that cannot answer now may do so in time; if not, its next answer is that the lease was lost.
      const renewed = await leases.renew(lease, leaseMs, clock.nowMs()).catch(() => lease);
      if (renewed === null) return over.abort();
      lease = renewed;
    }
  }

  const prolonging = prolong().catch(() => undefined); // aborted while it paused
  try {
    return await work({ write: (record, value) => leases.writeRecord(lease, record, value) }, working);
  } finally {
    over.abort();
    await prolonging;
    await leases.release(lease).catch(() => undefined); // it ends by itself
  }
}
