import type { Tier } from "@trinity/aggregation/bucket";
import { metricsOfSet } from "@trinity/aggregation/metric-catalogue";
import { ok } from "@trinity/runtime/result";
import type { BucketKey, RepairRecord, VerificationSummary } from "@trinity/storage/verification-store";
import type { LogCheck } from "@trinity/verification/log-check";
import type { QuestionKind } from "../question-kind.ts";

/** A repair without keys and values: they may name people. */
type ShownRepair = {
  readonly at: string;
  readonly table: RepairRecord["key"]["table"];
  readonly change: "changed" | "added" | "removed";
  /** Of an entity or a row of the index. */
  readonly kind?: string;
  /** Of a cell, as are the next two. */
  readonly set?: string;
  readonly tier?: Tier;
  readonly bucketStart?: string;
};

/** A bucket, and the metrics that read it. */
type ShownBucket = { readonly metrics: readonly string[]; readonly set: string; readonly tier: Tier; readonly bucketStart: string };

/** What verification knows of the numbers, and the check of the log. Times are text, null before the first. */
export type VerificationData = Omit<VerificationSummary, "frozenBeforeMs" | "lastCycle" | "lastRepairs"> & {
  readonly frozenBefore: string | null;
  readonly lastCycleAt: string | null;
  readonly throughSeq: number | null;
  readonly unsettled: number | null;
  readonly unsettledBuckets: readonly ShownBucket[];
  readonly lastRepairs: readonly ShownRepair[];
  readonly log: {
    readonly throughSeq: number;
    readonly lastPassAt: string | null;
    readonly damaged: readonly string[];
    readonly mended: number;
  } | null;
};

type Facts = { readonly summary: VerificationSummary; readonly logCheck: LogCheck | null };

export const verification: QuestionKind<object, object, Facts, VerificationData> = {
  permission: "health:read",
  overflowCheck: null,
  isOfPresent: () => true,
  plan: ok,
  read: async (_plan, { store, readLogCheck }) => ({
    facts: { summary: await store.readVerification(), logCheck: await readLogCheck() },
    source: "entities",
  }),
  compute(_plan, { summary: { frozenBeforeMs, lastCycle, lastRepairs, ...counts }, logCheck }) {
    return ok({
      ...counts,
      frozenBefore: frozenBeforeMs === 0 ? null : iso(frozenBeforeMs),
      lastCycleAt: lastCycle === null ? null : iso(lastCycle.finishedAtMs),
      throughSeq: lastCycle?.throughSeq ?? null,
      unsettled: lastCycle?.unresolved ?? null,
      unsettledBuckets: (lastCycle?.unresolvedBuckets ?? []).map(showBucket),
      lastRepairs: lastRepairs.map(showRepair),
      log: logCheck === null ? null : showLogCheck(logCheck),
    });
  },
};

function showLogCheck({ throughSeq, passEndedAtMs, damaged, mended }: LogCheck): VerificationData["log"] {
  return { throughSeq, lastPassAt: passEndedAtMs === null ? null : iso(passEndedAtMs), damaged, mended };
}

function showBucket({ set, tier, bucketMs }: BucketKey): ShownBucket {
  return { metrics: metricsOfSet(set), set, tier, bucketStart: iso(bucketMs) };
}

function showRepair({ key, atMs, stored, derived }: RepairRecord): ShownRepair {
  const change = stored === null ? "added" : derived === null ? "removed" : "changed";
  const shown = { at: iso(atMs), table: key.table, change } as const;
  if (key.table === "mark") return shown;
  if (key.table !== "cell") return { ...shown, kind: key.kind };
  return { ...shown, set: key.set, tier: key.tier, bucketStart: iso(key.bucketMs) };
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
