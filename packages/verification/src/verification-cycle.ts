import type { EventStore } from "@trinity/storage/event-store";
import { type Beginning, type DerivedState, type ShadowState, UnderivableError } from "@trinity/storage/shadow-state";
import type { StateRowKey } from "@trinity/storage/state-row";
import { leaveAll, type Reconcile } from "./compare-state.ts";
import type { Throttle } from "./replay.ts";
import { type Verification, verifyStore } from "./verify-store.ts";

export type CycleSettings = {
  readonly nowMs: () => number;
  readonly throttle: Throttle;
  /** Told of the last chunk derived. */
  readonly onProgress?: (seq: number) => void;
};

/** What differed in the end is what was not set right: it was not asked for, or the log no longer tells. */
export type CycleReport = Verification & { readonly repaired: number };

/**
 * Walks everything in a store, compares it with the kept derivation and marks its buckets. Where anything differs, which of the two is
 * damaged is not known yet: everything is then derived once more, and that one is believed.
 */
export async function verificationCycle(store: EventStore, shadowState: ShadowState, settings: CycleSettings): Promise<CycleReport> {
  if (await shadowState.hasRebuild()) return reconcileFromLog(store, shadowState, settings);
  const first = await comparedWithIncremental(store, shadowState, settings);
  if (first !== null && first.differing === 0) return recorded(store, first, settings);
  try {
    return await reconcileFromLog(store, shadowState, settings);
  } catch (error) {
    // With neither the beginning of the log nor a base there is no second opinion: what differs stays as it is, pending.
    if (!(error instanceof UnderivableError) || first === null) throw error;
    return recorded(store, first, settings);
  }
}

/** @returns null when the kept derivation cannot follow the store: it is of another past */
async function comparedWithIncremental(store: EventStore, shadowState: ShadowState, settings: CycleSettings): Promise<CycleReport | null> {
  try {
    return { ...(await walked(store, await shadowState.incremental(await beginningOf(store)), settings, leaveAll)), repaired: 0 };
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
  isWanted: (key: StateRowKey) => boolean = () => true,
): Promise<CycleReport> {
  let repaired = 0;
  const reconcile: Reconcile = async ({ watermark, differences }) => {
    const repairs = differences.filter(({ key }) => isWanted(key));
    const left = differences.filter(({ key }) => !isWanted(key));
    if (repairs.length === 0) return { left, revision: watermark.revision };
    const outcome = await store.commitRepair({ from: watermark, repairedAtMs: settings.nowMs(), repairs });
    if (outcome === "superseded") return "compare again";
    repaired += repairs.length;
    return { left, revision: watermark.revision + 1 };
  };
  try {
    const verification = await walked(store, await shadowState.rebuild(await beginningOf(store)), settings, reconcile);
    await shadowState.promote();
    return recorded(store, { ...verification, repaired }, settings);
  } catch (error) {
    // What cannot follow the store now never will.
    if (error instanceof UnderivableError) await shadowState.discardRebuild();
    throw error;
  }
}

async function beginningOf(store: EventStore): Promise<Beginning> {
  const [first] = await store.readChunks(0, 1);
  return first === undefined || first.seq === 1 ? "nothing" : "base";
}

async function walked(store: EventStore, derived: DerivedState, settings: CycleSettings, reconcile: Reconcile): Promise<Verification> {
  return verifyStore(store, {
    ...settings,
    derived,
    reconcile,
    onPage: ({ checks }) => store.setBucketStatus(checks, settings.nowMs()),
  });
}

async function recorded(store: EventStore, report: CycleReport, { nowMs }: CycleSettings): Promise<CycleReport> {
  await store.recordCycle({ finishedAtMs: nowMs(), throughSeq: report.throughSeq, unsettled: report.differing });
  return report;
}
