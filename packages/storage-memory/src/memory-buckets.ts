import { bucketStart, tierMs } from "@trinity/aggregation/bucket";
import type { BucketCheck, BucketKey, VerificationSummary } from "@trinity/storage/verification-store";

type BucketStatus = BucketKey & {
  /** The revision that changed it last. */
  readonly touched: number;
  /** Null while pending. */
  readonly checkedAtMs: number | null;
  readonly repairedAtMs: number | null;
};

/** The status of buckets in memory. */
export class MemoryBuckets {
  readonly #statuses = new Map<string, BucketStatus>();

  /** After a fold changed the bucket: it is pending, or gone when it has no cells. */
  touch(key: BucketKey, revision: number, hasCells: boolean): void {
    if (!hasCells) this.#statuses.delete(idOf(key));
    else this.#put({ ...key, touched: revision, checkedAtMs: null, repairedAtMs: this.#find(key)?.repairedAtMs ?? null });
  }

  dropMinutesBefore(fromMs: number): void {
    for (const [id, { tier, bucketMs }] of this.#statuses) if (tier === "minute" && bucketMs < fromMs) this.#statuses.delete(id);
  }

  check({ revision, matches, ...key }: BucketCheck, checkedAtMs: number): void {
    const was = this.#find(key) ?? { ...key, touched: revision, checkedAtMs: null, repairedAtMs: null };
    if (was.touched > revision) return;
    this.#put({ ...was, checkedAtMs: matches ? (was.checkedAtMs ?? checkedAtMs) : null });
  }

  repaired({ set, tier, bucketMs }: BucketKey, revision: number, atMs: number): void {
    this.#put({ set, tier, bucketMs, touched: revision, checkedAtMs: atMs, repairedAtMs: atMs });
  }

  /** @returns how many buckets that end in `(fromMs, toMs]` are pending */
  pendingBetween(fromMs: number, toMs: number): number {
    return [...this.#statuses.values()].filter((status) => status.checkedAtMs === null && endOf(status) > fromMs && endOf(status) <= toMs)
      .length;
  }

  pendingDays(): readonly number[] {
    const pending = [...this.#statuses.values()].filter(({ checkedAtMs }) => checkedAtMs === null);
    return [...new Set(pending.map(({ bucketMs }) => bucketStart("day", bucketMs)))].sort((a, b) => a - b);
  }

  counts(frozenBeforeMs: number): Pick<VerificationSummary, "buckets" | "verified" | "pending" | "repaired" | "frozen"> {
    const statuses = [...this.#statuses.values()];
    const checked = statuses.filter(({ checkedAtMs }) => checkedAtMs !== null);
    const repaired = checked.filter(({ repairedAtMs }) => repairedAtMs !== null).length;
    const frozen = statuses.filter((status) => endOf(status) <= frozenBeforeMs).length;
    return { buckets: statuses.length, verified: checked.length - repaired, pending: statuses.length - checked.length, repaired, frozen };
  }

  #find(key: BucketKey): BucketStatus | undefined {
    return this.#statuses.get(idOf(key));
  }

  #put(status: BucketStatus): void {
    this.#statuses.set(idOf(status), status);
  }
}

function idOf({ set, tier, bucketMs }: BucketKey): string {
  return `${tier} ${bucketMs} ${set}`;
}

function endOf({ tier, bucketMs }: BucketKey): number {
  return bucketMs + tierMs[tier];
}
