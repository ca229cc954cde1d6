import { openMemoryStore } from "./memory-event-store.ts";
import type { DerivedState } from "./replay.ts";
import type { Derivations } from "./verification-cycle.ts";

/** Second derivations in memory: they last as long as the process. */
export function openMemoryDerivations(): Derivations {
  let kept: DerivedState = openMemoryStore();
  let fresh: DerivedState | null = null;
  return {
    kept: async () => kept,
    fresh: async () => (fresh ??= openMemoryStore()),
    hasFresh: async () => fresh !== null,
    promote: async () => {
      kept = fresh ?? kept;
      fresh = null;
    },
    discardFresh: async () => {
      fresh = null;
    },
  };
}
