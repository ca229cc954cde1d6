/** The right to do what only one may do at a time, until it expires. */
export type Lease = {
  /** What may be done, such as `fold`. */
  readonly name: string;
  /** Who holds it: another text for every process that was ever started. */
  readonly holder: string;
  /** Rises whenever another holder takes the lease: who writes under an older one is refused. */
  readonly token: number;
  readonly expiresAtMs: number;
};

/**
 * Leases that processes on any machines share, and small records that only the holder of a lease may write. Clocks may differ by
 * less than a lease lasts; were they further apart, two might believe to hold it, but still only the later one's writes are taken.
 * A method rejects with `StoreUnavailableError` when the store cannot do it now: the same call may be made again.
 */
export type LeaseStore = {
  /** Takes a lease that is free or has expired, under a new token; one's own is prolonged. @returns null while another holds it */
  acquire(name: string, holder: string, forMs: number, nowMs: number): Promise<Lease | null>;
  /** @returns the lease with its new end, also when it had expired but nobody has taken it; null when it was lost */
  renew(lease: Lease, forMs: number, nowMs: number): Promise<Lease | null>;
  /** Gives it back before its end; does nothing when it was lost. */
  release(lease: Lease): Promise<void>;
  /** @returns what was last written under the name; null where nothing was */
  readRecord(name: string): Promise<string | null>;
  /** Writes in the same step in which it makes sure that nobody has taken the lease since. */
  writeRecord(lease: Lease, name: string, value: string): Promise<"written" | "lost">;
  close(): Promise<void>;
};
