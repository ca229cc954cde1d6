import type { CellKey } from "@trinity/aggregation/cell";
import type { Watermark } from "@trinity/aggregation/fold";
import type { StateRow, StateRowKey } from "./state-row.ts";

/** All cells of one dimension set in one bucket. A bucket is the unit that is verified, pending or repaired. */
export type BucketKey = Pick<CellKey, "set" | "tier" | "bucketMs">;

/** The result of comparing a bucket at a revision: `matches` when it equals what the log adds up to. */
export type BucketCheck = BucketKey & { readonly revision: number; readonly matches: boolean };

/** The content of a state row, and what it should be; null where there is no row. */
export type Repair = { readonly key: StateRowKey; readonly stored: string | null; readonly derived: string | null };

/** Rows to repair, as compared at the watermark `from`. */
export type RepairStep = { readonly from: Watermark; readonly repairedAtMs: number; readonly repairs: readonly Repair[] };

/** A row of the audit. Long texts are cut to `auditTextMax` characters. */
export type RepairRecord = Repair & { readonly atMs: number };

export type VerificationCycle = {
  readonly finishedAtMs: number;
  /** The last chunk that was folded when the last row was compared. */
  readonly throughSeq: number;
  /** Rows that differ from the log and could not be repaired, and buckets that SQL derives otherwise. */
  readonly unresolved: number;
  /** The buckets of these, at most `unresolvedBucketsMax`. */
  readonly unresolvedBuckets: readonly BucketKey[];
};

/** Every bucket is pending (changed since it was compared), verified, or repaired (verified, and once repaired). */
export type VerificationSummary = {
  readonly buckets: number;
  readonly verified: number;
  readonly pending: number;
  readonly repaired: number;
  /** How many of the buckets are frozen: they end at or before `frozenBeforeMs`. */
  readonly frozen: number;
  readonly frozenBeforeMs: number;
  /** Null before the first cycle. */
  readonly lastCycle: VerificationCycle | null;
  /** How many rows were ever repaired, and the last of them, newest first. */
  readonly repairs: number;
  readonly lastRepairs: readonly RepairRecord[];
};

/**
 * The methods of the store's port for verification: scan the derived state, repair it, and set the status of buckets.
 * A bucket exists as long as it has cells, or once it was repaired.
 */
export type VerificationStore = {
  /**
   * The derived state in the order of `compareStateRowKeys`; each page is read at one moment. `after` is null for the first page; fewer
   * than `limit` rows means the last one. A row that cannot be read has a content that no readable row has.
   */
  scanState(after: StateRowKey | null, limit: number): Promise<{ readonly watermark: Watermark; readonly rows: readonly StateRow[] }>;
  /**
   * Sets rows to what they should be, audits each repair and sets the status of their buckets to repaired: all or nothing, and only if
   * the watermark equals `step.from`. The revision rises, because answers change.
   */
  commitRepair(step: RepairStep): Promise<"committed" | "superseded">;
  /** Sets buckets that matched to verified, unless a fold has changed them since, and the others to pending. */
  setBucketStatus(checks: readonly BucketCheck[], checkedAtMs: number): Promise<void>;
  /**
   * Buckets that end at or before `beforeMs` are no longer compared or repaired, so that their events can be dropped.
   * Refused while any bucket that it would newly freeze is pending.
   */
  freezeBefore(beforeMs: number): Promise<{ readonly outcome: "frozen" } | { readonly outcome: "refused"; readonly pending: number }>;
  /** @returns the days, as the instant of UTC that each begins at, in which any bucket is pending; ascending */
  readPendingDays(): Promise<readonly number[]>;
  recordCycle(cycle: VerificationCycle): Promise<void>;
  readVerification(): Promise<VerificationSummary>;
};

export const auditTextMax = 4_000;
export const lastRepairsMax = 20;
export const unresolvedBucketsMax = 20;
