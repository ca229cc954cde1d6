import type { CellKey } from "@trinity/aggregation/cell";
import type { BucketCheck } from "@trinity/storage/verification-store";

/**
 * Puts the verdicts on single cells together to one on their bucket. Cells come in order, so the cells of a bucket lie beside each other;
 * over how many pages, at how many revisions, does not matter: it was right as of the oldest.
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

  /** @returns the buckets that are through, each once; with `isLast` also the one that was seen last */
  take(isLast: boolean): readonly BucketCheck[] {
    if (isLast && this.#open !== null) this.#closed.push(this.#open);
    const taken = this.#closed;
    this.#closed = [];
    return taken;
  }
}
