import type { EventStore } from "@trinity/storage/event-store";
import { type DerivedState } from "@trinity/storage/shadow-state";
import type { Repair } from "@trinity/storage/verification-store";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { type ComparedPage, compareState, type Reconcile, repairNothing } from "./compare-state.ts";
import { replayOf, type Throttle, unthrottled } from "./replay.ts";

export type VerificationReport = {
  /** The last chunk that was folded when the last row was compared. */
  readonly throughSeq: number;
  readonly cells: number;
  readonly entities: number;
  /** How many rows differ from what the log adds up to. */
  readonly differing: number;
  /** The first of them, at most `differencesMax`. */
  readonly differences: readonly Repair[];
};

const differencesMax = 1_000;

export type VerifySettings = {
  /** The shadow state to fold into, as large as the store's own state; in memory by default. */
  readonly derived?: DerivedState;
  readonly throttle?: Throttle;
  /** Called with the last chunk that was folded. */
  readonly onProgress?: (seq: number) => void;
  /** Handles differences; by default it leaves them. */
  readonly reconcile?: Reconcile;
  /** Called with each page after it is compared. */
  readonly onPage?: (page: ComparedPage) => Promise<void>;
};

/**
 * Folds the log into a shadow state and compares the store with it. Ingest may go on meanwhile.
 * @throws {UnderivableError} when the log no longer has everything that was folded
 */
export async function verifyStore(store: EventStore, settings: VerifySettings = {}): Promise<VerificationReport> {
  const { derived = openMemoryStore(), throttle = unthrottled, onProgress, reconcile = repairNothing, onPage = async () => {} } = settings;
  const replay = replayOf(store, derived, throttle, onProgress);
  const differences: Repair[] = [];
  let [throughSeq, cells, entities, differing] = [0, 0, 0, 0];
  for await (const page of compareState(store, replay, throttle, reconcile)) {
    await onPage(page);
    throughSeq = page.watermark.seq;
    cells += page.compared.cell;
    entities += page.compared.entity;
    differing += page.differences.length;
    differences.push(...page.differences.slice(0, differencesMax - differences.length));
  }
  return { throughSeq, cells, entities, differing, differences };
}
