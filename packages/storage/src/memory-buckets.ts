import { tierMs } from "@trinity/aggregation/bucket";
import type { BucketCheck, BucketKey, VerificationSummary } from "./verification-store.ts";

type BucketMark = BucketKey & {
  /** The revision that changed it last. */
  readonly touched: number;
  /** `null` while pending. */
  readonly checkedAtMs: number | null;
  readonly repairedAtMs: number | null;
};

/** The marks of buckets in memory: pending, verified or repaired. */
export class MemoryBuckets {
  readonly #marks = new Map<string, BucketMark>();

  /** A fold changed the bucket: it is pending, or gone when nothing is left in it. */
  touch(key: BucketKey, revision: number, hasCells: boolean): void {
    if (!hasCells) this.#marks.delete(idOf(key));
    else this.#put({ ...key, touched: revision, checkedAtMs: null, repairedAtMs: this.#find(key)?.repairedAtMs ?? null });
  }

  dropMinutesBefore(fromMs: number): void {
    for (const [id, { tier, bucketMs }] of this.#marks) if (tier === "minute" && bucketMs < fromMs) this.#marks.delete(id);
  }

  check({ revision, right, ...key }: BucketCheck, checkedAtMs: number): void {
    const was = this.#find(key) ?? { ...key, touched: revision, checkedAtMs: null, repairedAtMs: null };
    if (was.touched > revision) return;
    this.#put({ ...was, checkedAtMs: right ? (was.checkedAtMs ?? checkedAtMs) : null });
  }

  repaired({ set, tier, bucketMs }: BucketKey, revision: number, atMs: number): void {
    this.#put({ set, tier, bucketMs, touched: revision, checkedAtMs: atMs, repairedAtMs: atMs });
  }

  /** @returns how many buckets that end in `(fromMs, toMs]` are pending */
  pendingBetween(fromMs: number, toMs: number): number {
    return [...this.#marks.values()].filter((mark) => mark.checkedAtMs === null && endOf(mark) > fromMs && endOf(mark) <= toMs).length;
  }

  counts(frozenBeforeMs: number): Pick<VerificationSummary, "buckets" | "verified" | "pending" | "repaired" | "frozen"> {
    const marks = [...this.#marks.values()];
    const checked = marks.filter(({ checkedAtMs }) => checkedAtMs !== null);
    const repaired = checked.filter(({ repairedAtMs }) => repairedAtMs !== null).length;
    const frozen = marks.filter((mark) => endOf(mark) <= frozenBeforeMs).length;
    return { buckets: marks.length, verified: checked.length - repaired, pending: marks.length - checked.length, repaired, frozen };
  }

  #find(key: BucketKey): BucketMark | undefined {
    return this.#marks.get(idOf(key));
  }

  #put(mark: BucketMark): void {
    this.#marks.set(idOf(mark), mark);
  }
}

function idOf({ set, tier, bucketMs }: BucketKey): string {
  return `${tier} ${bucketMs} ${set}`;
}

function endOf({ tier, bucketMs }: BucketKey): number {
  return bucketMs + tierMs[tier];
}
