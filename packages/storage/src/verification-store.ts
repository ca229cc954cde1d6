import type { CellKey } from "@trinity/aggregation/cell";
import type { Watermark } from "@trinity/aggregation/fold";
import type { StateRow, StateRowKey } from "./state-row.ts";

/** All cells of one dimension set in one bucket: what is verified, pending or repaired. */
export type BucketKey = Pick<CellKey, "set" | "tier" | "bucketMs">;

/** What a comparison found of a bucket as it was at a revision of the mark: `right` when it was what the log adds up to. */
export type BucketCheck = BucketKey & { readonly revision: number; readonly matches: boolean };

/** What a part holds, and what it should; null where there is none. */
export type Repair = { readonly key: StateRowKey; readonly stored: string | null; readonly derived: string | null };

/** Parts that were compared while the mark stood at `from`, to be set to what the log adds up to there. */
export type RepairStep = { readonly from: Watermark; readonly repairedAtMs: number; readonly repairs: readonly Repair[] };

/** A line of the audit. Long texts are cut to `auditTextMax` characters. */
export type RepairRecord = Repair & { readonly atMs: number };

export type VerificationCycle = {
  readonly finishedAtMs: number;
  /** The last chunk of the log that was folded when the last part was compared. */
  readonly throughSeq: number;
  /** Parts that were found not to be what the log adds up to, and could not be set right. */
  readonly unresolved: number;
};

/** Every bucket is one of pending (it changed since it was compared), verified or repaired (it was once found wrong, and set right). */
export type VerificationSummary = {
  readonly buckets: number;
  readonly verified: number;
  readonly pending: number;
  readonly repaired: number;
  /** How many of the buckets are frozen: they end before `frozenBeforeMs`. */
  readonly frozen: number;
  readonly frozenBeforeMs: number;
  /** `null` before the first. */
  readonly lastCycle: VerificationCycle | null;
  /** Parts ever repaired, and the last of them, newest first. */
  readonly repairs: number;
  readonly lastRepairs: readonly RepairRecord[];
};

/**
 * The part of the store's port that proves its numbers: everything derived can be walked, compared with a second derivation, set right,
 * and marked. A bucket is there as long as it has cells, or was repaired.
 */
export type VerificationStore = {
  /**
   * Everything that the log adds up to, in the order of `compareStateRowKeys`, in pages as of one moment. `after` null for the first page;
   * fewer than `limit` only at the end. A part that cannot be read comes with a text that no readable part has.
   */
  scanState(after: StateRowKey | null, limit: number): Promise<{ readonly watermark: Watermark; readonly rows: readonly StateRow[] }>;
  /**
   * Sets parts to what they should be, writes each into the audit and marks their buckets repaired: all or nothing, and only while the mark
   * still stands at `step.from`. The revision rises, because answers change.
   */
  commitRepair(step: RepairStep): Promise<"committed" | "superseded">;
  /** Marks buckets that were right as verified, unless a fold has changed them since, and those that were not as pending. */
  setBucketStatus(checks: readonly BucketCheck[], checkedAtMs: number): Promise<void>;
  /**
   * From here on buckets that end at or before `beforeMs` are neither compared nor repaired, so that the events they were made from may go.
   * Refused while any of them, beyond those frozen before, is pending.
   */
  freezeBefore(beforeMs: number): Promise<{ readonly outcome: "frozen" } | { readonly outcome: "refused"; readonly pending: number }>;
  recordCycle(cycle: VerificationCycle): Promise<void>;
  readVerification(): Promise<VerificationSummary>;
};

export const auditTextMax = 4_000;
export const lastRepairsMax = 20;
