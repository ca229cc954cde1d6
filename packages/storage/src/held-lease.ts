import type { Lease, LeaseStore } from "./lease-store.ts";

export type LeaseSettings = {
  readonly leases: LeaseStore;
  readonly name: string;
  readonly holder: string;
  /** How long others wait for a holder that died. It is renewed three times as often. */
  readonly forMs: number;
  readonly clock: { nowMs(): number };
  /** Resolves after so long; rejects as soon as the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** A lease that renews itself until it is released. */
export type HeldLease = {
  /** Aborts, with a `LeaseLostError`, once another process may hold the lease. */
  readonly lost: AbortSignal;
  /** Writes a record, unless another has taken the lease since. @throws {StoreUnavailableError} */
  write(name: string, value: string): Promise<"written" | "lost">;
  /** Gives it back, so that another need not wait for its end. */
  release(): Promise<void>;
};

/** Another process may do by now what this one held the lease for. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
}

/**
 * @returns null while another process holds it
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
      await pause(forMs / 3, ending).catch(() => undefined); // aborted: the loop sees it
      if (ending.aborted) return;
      const renewed = await renewedInTime();
      if (renewed === null || clock.nowMs() >= renewed.expiresAtMs) losing.abort(new LeaseLostError(`the lease ${name} was lost`));
      else lease = renewed;
    }
  }

  /** @returns null when it was lost, or ended while the store did not answer; the lease as it is when the store could not do it yet */
  async function renewedInTime(): Promise<Lease | null> {
    const answered = new AbortController();
    const ended = pause(Math.max(0, lease.expiresAtMs - clock.nowMs()), answered.signal).then(
      () => null,
      () => lease, // answered: nobody listens any more
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
      // Where it fails the lease ends by itself.
      await leases.release(lease).catch(() => undefined);
    },
  };
}
