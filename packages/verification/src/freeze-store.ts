import type { EventStore } from "@trinity/storage/event-store";
import { type ShadowState } from "@trinity/storage/shadow-state";
import { type CycleSettings, verificationCycle } from "./verification-cycle.ts";

/** `throughSeq`: chunks up to it may go, as far as all they hold happened before the instant. */
export type FreezeOutcome =
  | { readonly outcome: "frozen"; readonly throughSeq: number }
  /** Something differs from the log, or changed since it was compared: trying again later may help. */
  | { readonly outcome: "refused"; readonly differing: number; readonly pending: number };

/**
 * What must come before raw events may be dropped: everything is verified once more, the derivation that was found right is kept as the base
 * of all later ones, and the buckets that end by then are frozen as verified.
 */
export async function freezeStore(
  store: EventStore,
  shadowState: ShadowState,
  beforeMs: number,
  settings: CycleSettings,
): Promise<FreezeOutcome> {
  const { differing, throughSeq } = await verificationCycle(store, shadowState, settings);
  if (differing > 0) return { outcome: "refused", differing, pending: 0 };
  await shadowState.saveSnapshot();
  const frozen = await store.freezeBefore(beforeMs);
  return frozen.outcome === "frozen" ? { outcome: "frozen", throughSeq } : { outcome: "refused", differing, pending: frozen.pending };
}
