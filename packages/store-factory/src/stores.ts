import type { StoreConfig } from "@trinity/config/store-config";
import type { CheckLog, KeyOfStored } from "@trinity/storage/check-log";
import type { EventStore } from "@trinity/storage/event-store";
import type { KeyStore } from "@trinity/storage/key-store";
import type { LeaseStore } from "@trinity/storage/lease-store";
import type { ThrowawayState } from "./throwaway-state.ts";
import type { VerificationLease } from "./verification-lease.ts";

/** `readonly`: never creates, and waits by `StoreUnavailableError` for what other processes make. */
export type StoreMode = "readwrite" | "readonly";

export type Clock = { nowMs(): number };
/** Resolves after so long; rejects as soon as the signal aborts. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/** The stores that a process was configured to use. Nothing is opened before it is asked for, and who opens closes. */
export type Stores = {
  /** Whether processes on any machines work on the same data at once: what only one should do takes a lease. */
  readonly isShared: boolean;
  /** The folder for what this machine keeps beside the data, such as second derivations; it may not be there yet. */
  readonly localDir: string;
  openEventStore(mode: StoreMode): EventStore;
  openKeyStore(): KeyStore;
  openLeaseStore(mode: StoreMode): LeaseStore;
  /**
   * The right to verify and repair, and the second derivations that go with it.
   * @throws {StoreUnavailableError} while another process verifies or rebuilds
   */
  openVerification(clock: Clock, pause: Pause): Promise<VerificationLease>;
  /**
   * Checks what the state is stored in, and reports damage to the process that folds, which makes the state anew. What it holds is not compared.
   * @throws {DamagedStateError}
   */
  checkState(throttle: () => Promise<void>): Promise<void>;
  /**
   * Checks the log and what is kept beside it; see `CheckLog`. Whoever asks holds the lease of the check.
   * @param keyOf the key of a stored event by its id, where the id says it
   */
  openLogCheck(keyOf: KeyOfStored): { readonly check: CheckLog; close(): Promise<void> };
  /** A second derivation that is thrown away afterwards. */
  openThrowawayState(): ThrowawayState;
  /**
   * The right of one `npm start` to work with this data, until it is released; shared data takes any number of them. Changes nothing.
   * @throws {StoreTakenError} while another `npm start` runs, or another process appends to the log
   */
  claimStart(): { release(): void };
  /** Makes what must be there before anything is opened. @returns the names of what was not there */
  prepare(): Promise<readonly string[]>;
  /**
   * Makes the log that is there the one that counts, where something else says that it is not all: everything derived begins anew, and what
   * was there is set aside, not deleted.
   * @returns where it was put, and how many commits the log holds
   * @throws {DamagedDataError} when the log cannot be read from its beginning
   * @throws {Error} with what to do instead, where no process can do it
   */
  acceptLog(nowMs: number): { readonly setAsideIn: string; readonly commits: number };
  /** Whether something is known to be there that was written with a key that must not change. Tables are asked by whoever opens them. */
  hasData(): boolean;
};

/** The one place where the configuration decides what the product runs on; the code of the other store is not even loaded. */
export async function storesOf(config: StoreConfig): Promise<Stores> {
  switch (config.TRINITY_STORE) {
    case "sqlite":
      return (await import("./sqlite-stores.ts")).sqliteStores(config.TRINITY_DATA_DIR);
    case "dynamodb":
      return (await import("./dynamo-stores.ts")).dynamoStores(config);
  }
}
