import type { StoreConfig } from "@trinity/config/store-config";
import type { Clock } from "@trinity/runtime/clock";
import type { Sleep } from "@trinity/runtime/sleep";
import type { CheckLog, KeyOfStored } from "@trinity/storage/check-log";
import type { EventStore } from "@trinity/storage/event-store";
import type { KeyStore } from "@trinity/storage/key-store";
import type { LeaseStore } from "@trinity/storage/lease-store";
import type { ThrowawayState } from "./throwaway-state.ts";
import type { VerificationLease } from "./verification-lease.ts";

/** `readonly`: never creates anything, and throws `StoreUnavailableError` until another process has. */
type StoreMode = "readwrite" | "readonly";

export type SegmentBucketPlace = {
  readonly bucket: string;
  readonly prefix: string;
  readonly region: string;
  readonly endpoint: string | undefined;
  /** Only the process that seals uses it: what readers have is what was published. */
  readonly sealedDir: string;
};

/** The configured stores. Each `open…` opens one, and the caller closes it. */
export type Stores = {
  /** Whether processes on several machines share the data: then exclusive work needs a lease. */
  readonly isShared: boolean;
  /** The folder for local files of this machine, such as shadow states; it may not exist yet. */
  readonly localDir: string;
  /** The folder of the sealed segments of the log; null for a store that is not sealed. */
  readonly segmentsDir: string | null;
  /** The bucket that machines share segments by, and the folder that they are sealed into before; null where no machine shares them. */
  readonly segmentBucket: SegmentBucketPlace | null;
  openEventStore(mode: StoreMode): EventStore;
  openKeyStore(): KeyStore;
  openLeaseStore(mode: StoreMode): LeaseStore;
  /**
   * The lease or lock for verification, and the shadow states.
   * @throws {StoreUnavailableError} while another process verifies or rebuilds
   */
  openVerification(clock: Clock, sleep: Sleep): Promise<VerificationLease>;
  /**
   * Checks the files of the state, not their contents. Reports damage to the process that folds, which rebuilds the state.
   * @throws {DamagedStateError}
   */
  checkState(throttle: () => Promise<void>): Promise<void>;
  /**
   * Checks the log and its index rows; see `CheckLog`. The caller must have the lease for it.
   * @param keyOf the key of a stored event by its id
   */
  openLogCheck(keyOf: KeyOfStored): { readonly check: CheckLog; close(): Promise<void> };
  /** A shadow state for one use. */
  openThrowawayState(): ThrowawayState;
  /**
   * The lock of one `npm start` on this data, until it is released. Shared data allows any number of them. Changes nothing.
   * @throws {StoreTakenError} while another `npm start` runs, or another process appends to the log
   */
  claimStart(): { release(): void };
  /** Creates what must exist before a store is opened. @returns the names of what was created */
  prepare(sleep: Sleep): Promise<readonly string[]>;
  /**
   * Accepts the existing log although other files contradict it. Sets the contradicting files and all derived state aside; deletes nothing.
   * @returns where they are, and how many commits the log has
   * @throws {DamagedDataError} when the log cannot be read from its beginning
   * @throws {Error} with what to do instead, for stores that cannot do it
   */
  acceptLog(nowMs: number): { readonly setAsideIn: string; readonly commits: number };
  /** Whether there is data under a pseudonym key, which must then not change. For tables the caller must check. */
  hasData(): boolean;
};

/** The one place where the configuration selects the stores. Does not load the code of the others. */
export async function storesOf(config: StoreConfig): Promise<Stores> {
  switch (config.TRINITY_STORE) {
    case "sqlite":
      return (await import("./sqlite-stores.ts")).sqliteStores(config.TRINITY_DATA_DIR);
    case "dynamodb":
      return (await import("./dynamo-stores.ts")).dynamoStores(config);
  }
}
