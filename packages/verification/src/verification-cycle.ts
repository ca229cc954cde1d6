import { bucketStart } from "@trinity/aggregation/bucket";
import type { EventStore } from "@trinity/storage/event-store";
import { type DerivedState, type ShadowStart, type ShadowState, UnderivableError } from "@trinity/storage/shadow-state";
import type { StateRowKey } from "@trinity/storage/state-row";
import { type BucketKey, type Repair, unresolvedBucketsMax } from "@trinity/storage/verification-store";
import { idOfBucket } from "./bucket-checks.ts";
import { type Reconcile, repairNothing } from "./compare-state.ts";
import { provenTwice } from "./recount.ts";
import type { Proof, Recounting } from "./recounting.ts";
import type { Throttle } from "./replay.ts";
import { type VerificationReport, verifyStore } from "./verify-store.ts";

export type CycleSettings = {
  readonly nowMs: () => number;
  readonly throttle: Throttle;
  /** Called with the last chunk that was folded into the shadow state. */
  readonly onProgress?: (seq: number) => void;
  /** Derives cells by SQL as well. Without it the store is compared with the shadow state alone. */
  readonly recounting?: Recounting | undefined;
};

/** `differing` counts rows that were not repaired: they were not selected, or the log no longer has their events. */
type ShadowReport = VerificationReport & { readonly repaired: number };

export type CycleReport = ShadowReport & {
  /** How many cells SQL derived; null where it did not. */
  readonly recounted: number | null;
  /** Buckets that SQL derives otherwise than the fold does: one of the two is mistaken. */
  readonly disputed: readonly BucketKey[];
};

/**
 * Compares a store with two derivations of its log, and sets the status of its buckets: the cells of days that have changed with SQL, and
 * everything with the incremental shadow state. If rows differ from the latter, either of the two may be damaged: then it rebuilds the shadow
 * state from the log and reconciles the store with that. What SQL derives otherwise even then is disputed, and stays pending.
 */
export async function verificationCycle(store: EventStore, shadowState: ShadowState, settings: CycleSettings): Promise<CycleReport> {
  const { recounting, throttle } = settings;
  const proof = (await recounting?.next(store, throttle)) ?? null;
  const repairedDays = new Set<number>();
  const report = await compareWithShadow(store, shadowState, settings, { proof, repairedDays });
  const isSettled = report.repaired === 0 && (proof === null || proof.differing.length === 0);
  const last = isSettled ? proof : await recountAgain(store, settings, [...(proof?.days ?? []), ...repairedDays]);
  return recordCycle(store, { ...report, recounted: last?.cells ?? null, disputed: last?.differing ?? [] }, settings);
}

/** After repairs: what SQL still derives otherwise is no damage. */
async function recountAgain(
  store: EventStore,
  { recounting, throttle, nowMs }: CycleSettings,
  days: readonly number[],
): Promise<Proof | null> {
  const proof = (await recounting?.again(store, throttle, days)) ?? null;
  if (proof !== null) {
    const { revision } = await store.readWatermark();
    await store.setBucketStatus(
      proof.differing.map((bucket) => ({ ...bucket, revision, matches: false })),
      nowMs(),
    );
  }
  return proof;
}

/** What SQL found before, and the days of the cells that are repaired. */
type Beside = { readonly proof: Proof | null; readonly repairedDays: Set<number> };

async function compareWithShadow(
  store: EventStore,
  shadowState: ShadowState,
  settings: CycleSettings,
  beside: Beside,
): Promise<ShadowReport> {
  if (await shadowState.hasRebuild()) return reconciled(store, shadowState, settings, beside);
  const first = await compareWithIncremental(store, shadowState, settings, beside);
  if (first !== null && first.differing === 0) return first;
  try {
    return await reconciled(store, shadowState, settings, beside);
  } catch (error) {
    // Without the beginning of the log and a snapshot there can be no rebuild: differing rows stay unchanged, their buckets pending.
    if (!(error instanceof UnderivableError) || first === null) throw error;
    return first;
  }
}

/** @returns null when the incremental shadow state cannot follow the store */
async function compareWithIncremental(
  store: EventStore,
  shadowState: ShadowState,
  settings: CycleSettings,
  { proof }: Beside,
): Promise<ShadowReport | null> {
  try {
    const derived = await shadowState.incremental(await startOf(store));
    return { ...(await compareAll(store, derived, settings, { reconcile: repairNothing, proof })), repaired: 0 };
  } catch (error) {
    if (error instanceof UnderivableError) return null;
    throw error;
  }
}

/**
 * Rebuilds the shadow state, from the beginning of the log or the snapshot, and repairs the selected rows that differ from it. If it is
 * killed, the next call goes on. Answers change only where they were wrong.
 * @param shouldRepair selects the rows to repair; all by default
 * @throws {UnderivableError} when the log no longer has its beginning and there is no snapshot; nothing was changed
 */
export async function reconcileFromLog(
  store: EventStore,
  shadowState: ShadowState,
  settings: Omit<CycleSettings, "recounting">,
  shouldRepair: (key: StateRowKey) => boolean = () => true,
): Promise<CycleReport> {
  const report = await reconciled(store, shadowState, settings, { proof: null, repairedDays: new Set() }, shouldRepair);
  return recordCycle(store, { ...report, recounted: null, disputed: [] }, settings);
}

async function reconciled(
  store: EventStore,
  shadowState: ShadowState,
  settings: CycleSettings,
  { proof, repairedDays }: Beside,
  shouldRepair: (key: StateRowKey) => boolean = () => true,
): Promise<ShadowReport> {
  let repaired = 0;
  const reconcile: Reconcile = async ({ watermark, differences }) => {
    const repairs = differences.filter(({ key }) => shouldRepair(key));
    const unresolved = differences.filter(({ key }) => !shouldRepair(key));
    if (repairs.length === 0) return { unresolved, revision: watermark.revision };
    const outcome = await store.commitRepair({ from: watermark, repairedAtMs: settings.nowMs(), repairs });
    if (outcome === "superseded") return "compare again";
    repaired += repairs.length;
    for (const { bucketMs } of bucketsOf(repairs)) repairedDays.add(bucketStart("day", bucketMs));
    return { unresolved, revision: watermark.revision + 1 };
  };
  try {
    const verification = await compareAll(store, await shadowState.rebuild(await startOf(store)), settings, { reconcile, proof });
    await shadowState.replaceIncremental();
    return { ...verification, repaired };
  } catch (error) {
    // A rebuild that cannot follow the store now never will.
    if (error instanceof UnderivableError) await shadowState.discardRebuild();
    throw error;
  }
}

async function startOf(store: EventStore): Promise<ShadowStart> {
  const [first] = await store.readChunks(0, 1);
  return first === undefined || first.seq === 1 ? "empty" : "snapshot";
}

async function compareAll(
  store: EventStore,
  derived: DerivedState,
  settings: CycleSettings,
  { reconcile, proof }: { readonly reconcile: Reconcile; readonly proof: Proof | null },
): Promise<VerificationReport> {
  return verifyStore(store, {
    ...settings,
    derived,
    reconcile,
    onPage: ({ checks }) => store.setBucketStatus(proof === null ? checks : provenTwice(checks, proof), settings.nowMs()),
  });
}

async function recordCycle(store: EventStore, report: CycleReport, { nowMs }: Pick<CycleSettings, "nowMs">): Promise<CycleReport> {
  const { throughSeq, differing, differences, disputed } = report;
  await store.recordCycle({
    finishedAtMs: nowMs(),
    throughSeq,
    unresolved: differing + disputed.length,
    unresolvedBuckets: distinct([...disputed, ...bucketsOf(differences)]).slice(0, unresolvedBucketsMax),
  });
  return report;
}

function bucketsOf(differences: readonly Repair[]): readonly BucketKey[] {
  return differences.flatMap(({ key }) => (key.table === "cell" ? [{ set: key.set, tier: key.tier, bucketMs: key.bucketMs }] : []));
}

function distinct(buckets: readonly BucketKey[]): readonly BucketKey[] {
  return [...new Map(buckets.map((bucket) => [idOfBucket(bucket), bucket])).values()];
}
