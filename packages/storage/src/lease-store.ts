/** The exclusive right to do something, until it expires. */
export type Lease = {
  /** What the lease is for, such as `fold`. */
  readonly name: string;
  /** Identifies the process; unique for every process that was ever started. */
  readonly holder: string;
  /** A fencing token: it rises when another holder takes the lease, and writes under an older one are refused. */
  readonly token: number;
  readonly expiresAtMs: number;
};

/**
 * Leases between processes on any machines, and small records that only the holder of a lease may write. Clocks may differ by less than
 * a lease lasts. If they differ more, two processes may believe that they have it, but only the later one can write.
 * A method rejects with `StoreUnavailableError` when the same call can be made again.
 */
export type LeaseStore = {
  /** Takes a lease that is free or expired, under a new token; extends one's own. @returns null while another holder has it */
  acquire(name: string, holder: string, forMs: number, nowMs: number): Promise<Lease | null>;
  /** @returns the extended lease, also when it had expired but no other holder took it; null when it was lost */
  renew(lease: Lease, forMs: number, nowMs: number): Promise<Lease | null>;
  /** Gives the lease back; does nothing when it was lost. */
  release(lease: Lease): Promise<void>;
  /** @returns the value last written under the name; null if none was */
  readRecord(name: string): Promise<string | null>;
  /** Writes only if no other holder has taken the lease since, in one atomic step. */
  writeRecord(lease: Lease, name: string, value: string): Promise<"written" | "lost">;
  close(): Promise<void>;
};
