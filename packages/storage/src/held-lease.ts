import type { Lease, LeaseStore } from "./lease-store.ts";

export type LeaseSettings = {
  readonly leases: LeaseStore;
  readonly name: string;
  readonly holder: string;
  /** How long the lease lasts, so how long others wait for a holder that died. It is renewed three times in that time. */
  readonly forMs: number;
  readonly clock: { nowMs(): number };
  /** Resolves after `ms`; rejects as soon as the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** A lease that renews itself until it is released. */
export type HeldLease = {
  /** Aborts with a `LeaseLostError` once another process may have the lease. */
  readonly lost: AbortSignal;
  /** Writes a record, unless another has taken the lease since. @throws {StoreUnavailableError} */
  write(name: string, value: string): Promise<"written" | "lost">;
  /** Gives the lease back, so that others need not wait until it expires. */
  release(): Promise<void>;
};

/** The lease was lost: another process may do its work by now. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
}

/**
 * @returns null while another process has the lease
 * @throws {StoreUnavailableError}
 */
export async function holdLease({ leases, name, holder, forMs, clock, pause }: LeaseSettings): Promise<HeldLease | null> {
  const first = await leases.acquire(name, holder, forMs, clock.nowMs());
  if (first === null) return null;
  const losing = new AbortController();
  const releasing = new AbortController();
  const ending = AbortSignal.any([losing.signal, releasing.signal]);
  let lease: Lease = first;

  async function renewUntilEnd(): Promise<void> {
    while (!ending.aborted) {
      await pause(forMs / 3, ending).catch(() => undefined); // aborted: the loop checks
      if (ending.aborted) return;
      const renewed = await renewedInTime();
      if (renewed === null || clock.nowMs() >= renewed.expiresAtMs) losing.abort(new LeaseLostError(`the lease ${name} was lost`));
      else lease = renewed;
    }
  }

  /** @returns null when the lease was lost, or expired while the store did not answer; the old lease when the store failed */
  async function renewedInTime(): Promise<Lease | null> {
    const answered = new AbortController();
    const ended = pause(Math.max(0, lease.expiresAtMs - clock.nowMs()), answered.signal).then(
      () => null,
      () => lease, // answered: the race is over
    );
    try {
      return await Promise.race([leases.renew(lease, forMs, clock.nowMs()).catch(() => lease), ended]);
    } finally {
      answered.abort();
    }
  }

  const renewing = renewUntilEnd();
  return {
    lost: losing.signal,
    write: (record, value) => leases.writeRecord(lease, record, value),
    release: async () => {
      releasing.abort();
      await renewing;
      // If this fails, the lease expires by itself.
      await leases.release(lease).catch(() => undefined);
    },
  };
}
