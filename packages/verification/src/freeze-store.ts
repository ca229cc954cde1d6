import type { EventStore } from "@trinity/storage/event-store";
import { type ShadowState } from "@trinity/storage/shadow-state";
import { type CycleSettings, verificationCycle } from "./verification-cycle.ts";

/** `throughSeq`: chunks up to it may be dropped if all their events happened before the instant. */
export type FreezeOutcome =
  | { readonly outcome: "frozen"; readonly throughSeq: number }
  /** Something differs from the log, or changed since it was compared. A later retry may help. */
  | { readonly outcome: "refused"; readonly differing: number; readonly pending: number };

/**
 * Must run before raw events are dropped. It verifies everything, saves a snapshot for later shadow states to begin at, and freezes
 * the buckets that end by then.
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
