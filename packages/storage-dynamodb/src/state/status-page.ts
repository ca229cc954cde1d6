import { type Tier, tierMs } from "@trinity/aggregation/bucket";
import type { BucketCheck, BucketKey } from "@trinity/storage/verification-store";
import { packed, unpacked } from "../client/packed.ts";
import { sortableBucket } from "../client/sort-key.ts";
import type { PageCodec, PageRef } from "./page.ts";

/** Verification status of a bucket. `touched`: the revision that changed it last. Pending while `checkedAtMs` is null. */
export type BucketStatus = BucketKey & {
  readonly touched: number;
  readonly checkedAtMs: number | null;
  readonly repairedAtMs: number | null;
};

export type StatusPage = ReadonlyMap<string, BucketStatus>;

export type StatusChange =
  | (BucketKey & { readonly change: "touch"; readonly revision: number; readonly hasCells: boolean })
  | (BucketCheck & { readonly change: "check"; readonly atMs: number })
  | (BucketKey & { readonly change: "repaired"; readonly revision: number; readonly atMs: number });

/** How many consecutive buckets of a tier share a page, for all sets. */
const bucketsPerPage: Readonly<Record<Tier, number>> = { minute: 60, hour: 24, day: 16 };

export function statusPartition(tier: Tier): string {
  return `marks#${tier}`;
}

export function statusPageRef({ tier, bucketMs }: Omit<BucketKey, "set">): PageRef<StatusPage, StatusChange> {
  const sk = sortableBucket(Math.floor(bucketMs / tierMs[tier] / bucketsPerPage[tier]));
  return { codec: statusPages, tag: "status", table: "state", pk: statusPartition(tier), sk };
}

export function idOfBucket({ set, tier, bucketMs }: BucketKey): string {
  return `${tier} ${bucketMs} ${set}`;
}

/** @returns the status after a check; the same object when the check changes nothing */
export function checkedStatus(
  was: BucketStatus | undefined,
  { set, tier, bucketMs, revision, matches }: BucketCheck,
  atMs: number,
): BucketStatus {
  if (was === undefined) return { set, tier, bucketMs, touched: revision, checkedAtMs: matches ? atMs : null, repairedAtMs: null };
  const isChecked = was.checkedAtMs !== null;
  if (was.touched > revision || isChecked === matches) return was;
  return { ...was, checkedAtMs: matches ? atMs : null };
}

const statusPages: PageCodec<StatusPage, StatusChange> = {
  empty: new Map(),
  apply(content, changes) {
    const statuses = new Map(content);
    for (const change of changes) {
      const { set, tier, bucketMs } = change;
      const id = idOfBucket(change);
      const was = statuses.get(id);
      if (change.change === "check") statuses.set(id, checkedStatus(was, change, change.atMs));
      else if (change.change === "repaired") {
        statuses.set(id, { set, tier, bucketMs, touched: change.revision, checkedAtMs: change.atMs, repairedAtMs: change.atMs });
      } else if (change.hasCells) {
        statuses.set(id, { set, tier, bucketMs, touched: change.revision, checkedAtMs: null, repairedAtMs: was?.repairedAtMs ?? null });
      } else statuses.delete(id);
    }
    return statuses;
  },
  isEmpty: (content) => content.size === 0,
  encode: (content) =>
    packed(
      [...content.values()].map(({ set, tier, bucketMs, ...status }) => [
        set,
        tier,
        bucketMs,
        status.touched,
        status.checkedAtMs,
        status.repairedAtMs,
      ]),
    ),
  decode(bytes) {
    const lines = unpacked(bytes) as [string, Tier, number, number, number | null, number | null][];
    return new Map(
      lines.map(([set, tier, bucketMs, touched, checkedAtMs, repairedAtMs]) => {
        const status = { set, tier, bucketMs, touched, checkedAtMs, repairedAtMs };
        return [idOfBucket(status), status];
      }),
    );
  },
};
