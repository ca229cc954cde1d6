import { type Tier, tierMs } from "@trinity/aggregation/bucket";
import type { BucketCheck, BucketKey } from "@trinity/storage/verification-store";
import { packed, unpacked } from "./packed.ts";
import type { PageFamily, PageRef } from "./page.ts";
import { sortableBucket } from "./sort-key.ts";

/** What is known of a bucket: `touched` is the revision that changed it last; pending while `checkedAtMs` is null. */
export type BucketMark = BucketKey & {
  readonly touched: number;
  readonly checkedAtMs: number | null;
  readonly repairedAtMs: number | null;
};

export type MarkPage = ReadonlyMap<string, BucketMark>;

export type MarkChange =
  | (BucketKey & { readonly change: "touch"; readonly revision: number; readonly hasCells: boolean })
  | (BucketCheck & { readonly change: "check"; readonly atMs: number })
  | (BucketKey & { readonly change: "repaired"; readonly revision: number; readonly atMs: number });

/** Buckets that lie beside each other in time share a page: so many of each tier, over all sets. */
const bucketsAPage: Readonly<Record<Tier, number>> = { minute: 60, hour: 24, day: 16 };

export function markPartition(tier: Tier): string {
  return `marks#${tier}`;
}

export function markPageRef({ tier, bucketMs }: Omit<BucketKey, "set">): PageRef<MarkPage, MarkChange> {
  const sk = sortableBucket(Math.floor(bucketMs / tierMs[tier] / bucketsAPage[tier]));
  return { family: markPages, part: "marks", table: "state", pk: markPartition(tier), sk };
}

export function idOfBucket({ set, tier, bucketMs }: BucketKey): string {
  return `${tier} ${bucketMs} ${set}`;
}

/** @returns the mark after a check; the same one where the check changes nothing */
export function checkedMark(was: BucketMark | undefined, { set, tier, bucketMs, revision, right }: BucketCheck, atMs: number): BucketMark {
  if (was === undefined) return { set, tier, bucketMs, touched: revision, checkedAtMs: right ? atMs : null, repairedAtMs: null };
  const isChecked = was.checkedAtMs !== null;
  if (was.touched > revision || isChecked === right) return was;
  return { ...was, checkedAtMs: right ? atMs : null };
}

export const markPages: PageFamily<MarkPage, MarkChange> = {
  empty: new Map(),
  apply(content, changes) {
    const marks = new Map(content);
    for (const change of changes) {
      const { set, tier, bucketMs } = change;
      const id = idOfBucket(change);
      const was = marks.get(id);
      if (change.change === "check") marks.set(id, checkedMark(was, change, change.atMs));
      else if (change.change === "repaired") {
        marks.set(id, { set, tier, bucketMs, touched: change.revision, checkedAtMs: change.atMs, repairedAtMs: change.atMs });
      } else if (change.hasCells) {
        marks.set(id, { set, tier, bucketMs, touched: change.revision, checkedAtMs: null, repairedAtMs: was?.repairedAtMs ?? null });
      } else marks.delete(id);
    }
    return marks;
  },
  isEmpty: (content) => content.size === 0,
  encode: (content) =>
    packed(
      [...content.values()].map(({ set, tier, bucketMs, ...mark }) => [
        set,
        tier,
        bucketMs,
        mark.touched,
        mark.checkedAtMs,
        mark.repairedAtMs,
      ]),
    ),
  decode(bytes) {
    const lines = unpacked(bytes) as [string, Tier, number, number, number | null, number | null][];
    return new Map(
      lines.map(([set, tier, bucketMs, touched, checkedAtMs, repairedAtMs]) => {
        const mark = { set, tier, bucketMs, touched, checkedAtMs, repairedAtMs };
        return [idOfBucket(mark), mark];
      }),
    );
  },
};
