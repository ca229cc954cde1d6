import type { EventStore } from "@trinity/storage/event-store";
import { type DerivedState, type ShadowStart, type ShadowState, UnderivableError } from "@trinity/storage/shadow-state";
import type { StateRowKey } from "@trinity/storage/state-row";
import { type Reconcile, repairNothing } from "./compare-state.ts";
import type { Throttle } from "./replay.ts";
import { type VerificationReport, verifyStore } from "./verify-store.ts";

export type CycleSettings = {
  readonly nowMs: () => number;
  readonly throttle: Throttle;
  /** Told of the last chunk derived. */
  readonly onProgress?: (seq: number) => void;
};

/** What differed in the end is what was not set right: it was not asked for, or the log no longer tells. */
export type CycleReport = VerificationReport & { readonly repaired: number };

/**
 * Walks everything in a store, compares it with the kept derivation and marks its buckets. Where anything differs, which of the two is
 * damaged is not known yet: everything is then derived once more, and that one is believed.
 */
export async function verificationCycle(store: EventStore, shadowState: ShadowState, settings: CycleSettings): Promise<CycleReport> {
  if (await shadowState.hasRebuild()) return reconcileFromLog(store, shadowState, settings);
  const first = await compareWithIncremental(store, shadowState, settings);
  if (first !== null && first.differing === 0) return recordCycle(store, first, settings);
  try {
    return await reconcileFromLog(store, shadowState, settings);
  } catch (error) {
    // With neither the beginning of the log nor a base there is no second opinion: what differs stays as it is, pending.
    if (!(error instanceof UnderivableError) || first === null) throw error;
    return recordCycle(store, first, settings);
  }
}

/** @returns null when the kept derivation cannot follow the store: it is of another past */
async function compareWithIncremental(store: EventStore, shadowState: ShadowState, settings: CycleSettings): Promise<CycleReport | null> {
  try {
    return { ...(await compareAll(store, await shadowState.incremental(await startOf(store)), settings, repairNothing)), repaired: 0 };
  } catch (error) {
    if (error instanceof UnderivableError) return null;
    throw error;
  }
}

/**
 * Derives everything once more, from the beginning of the log or the base, and sets what was asked for to what the log adds up to. Killed
 * half way it goes on where it was, and what it set right stays right. Answers are right throughout: they change only where they were wrong.
 * @param isWanted which parts may be set; all where absent
 * @throws {UnderivableError} when the log no longer holds its beginning and there is no base: nothing was changed
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
    // What cannot follow the store now never will.
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
