import type { EventStore } from "@trinity/storage/event-store";
import { type DerivedState, type ShadowStart, type ShadowState, UnderivableError } from "@trinity/storage/shadow-state";
import type { StateRowKey } from "@trinity/storage/state-row";
import { type Reconcile, repairNothing } from "./compare-state.ts";
import type { Throttle } from "./replay.ts";
import { type VerificationReport, verifyStore } from "./verify-store.ts";

export type CycleSettings = {
  readonly nowMs: () => number;
  readonly throttle: Throttle;
  /** Called with the last chunk that was folded into the shadow state. */
  readonly onProgress?: (seq: number) => void;
};

/** `differing` counts rows that were not repaired: they were not selected, or the log no longer has their events. */
export type CycleReport = VerificationReport & { readonly repaired: number };

/**
 * Compares a store with the incremental shadow state and sets the status of its buckets. If anything differs, either of the two may be
 * damaged: then it rebuilds the shadow state from the log and reconciles the store with that.
 */
export async function verificationCycle(store: EventStore, shadowState: ShadowState, settings: CycleSettings): Promise<CycleReport> {
  if (await shadowState.hasRebuild()) return reconcileFromLog(store, shadowState, settings);
  const first = await compareWithIncremental(store, shadowState, settings);
  if (first !== null && first.differing === 0) return recordCycle(store, first, settings);
  try {
    return await reconcileFromLog(store, shadowState, settings);
  } catch (error) {
    // Without the beginning of the log and a snapshot there can be no rebuild: differing rows stay unchanged, their buckets pending.
    if (!(error instanceof UnderivableError) || first === null) throw error;
    return recordCycle(store, first, settings);
  }
}

/** @returns null when the incremental shadow state cannot follow the store */
async function compareWithIncremental(store: EventStore, shadowState: ShadowState, settings: CycleSettings): Promise<CycleReport | null> {
  try {
    return { ...(await compareAll(store, await shadowState.incremental(await startOf(store)), settings, repairNothing)), repaired: 0 };
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
  settings: CycleSettings,
  shouldRepair: (key: StateRowKey) => boolean = () => true,
): Promise<CycleReport> {
  let repaired = 0;
  const reconcile: Reconcile = async ({ watermark, differences }) => {
    const repairs = differences.filter(({ key }) => shouldRepair(key));
    const unresolved = differences.filter(({ key }) => !shouldRepair(key));
    if (repairs.length === 0) return { unresolved, revision: watermark.revision };
    const outcome = await store.commitRepair({ from: watermark, repairedAtMs: settings.nowMs(), repairs });
    if (outcome === "superseded") return "compare again";
    repaired += repairs.length;
    return { unresolved, revision: watermark.revision + 1 };
  };
  try {
    const verification = await compareAll(store, await shadowState.rebuild(await startOf(store)), settings, reconcile);
    await shadowState.replaceIncremental();
    return recordCycle(store, { ...verification, repaired }, settings);
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
  reconcile: Reconcile,
): Promise<VerificationReport> {
  return verifyStore(store, {
    ...settings,
    derived,
    reconcile,
    onPage: ({ checks }) => store.setBucketStatus(checks, settings.nowMs()),
  });
}

async function recordCycle(store: EventStore, report: CycleReport, { nowMs }: CycleSettings): Promise<CycleReport> {
  await store.recordCycle({ finishedAtMs: nowMs(), throughSeq: report.throughSeq, unresolved: report.differing });
  return report;
}
