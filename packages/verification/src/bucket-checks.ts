import type { CellKey } from "@trinity/aggregation/cell";
import type { BucketCheck, BucketKey } from "@trinity/storage/verification-store";

/**
 * Combines the checks of cells into checks of buckets. Cells come in order, so the cells of a bucket are consecutive, over any number of
 * pages. The check of a bucket counts as of the oldest revision among them.
 */
export class BucketChecks {
  #open: BucketCheck | null = null;
  #closed: BucketCheck[] = [];

  see({ set, tier, bucketMs }: CellKey, matches: boolean, revision: number): void {
    const open = this.#open;
    if (open !== null && open.set === set && open.tier === tier && open.bucketMs === bucketMs) {
      this.#open = { ...open, matches: open.matches && matches, revision: Math.min(open.revision, revision) };
      return;
    }
    if (open !== null) this.#closed.push(open);
    this.#open = { set, tier, bucketMs, matches, revision };
  }

  /** @returns the completed buckets, each once; with `isLast` also the current one */
  take(isLast: boolean): readonly BucketCheck[] {
    if (isLast && this.#open !== null) this.#closed.push(this.#open);
    const taken = this.#closed;
    this.#closed = [];
    return taken;
  }
}

export function idOfBucket({ set, tier, bucketMs }: BucketKey): string {
  return `${set} ${tier} ${bucketMs}`;
}
