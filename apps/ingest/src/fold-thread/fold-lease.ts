import { StoreUnavailableError } from "@trinity/storage/event-store";
import { type HeldLease, holdLease, type LeaseSettings } from "@trinity/storage/held-lease";

/** Whose turn it is to fold. Two that fold at once do no harm, because a commit is on the condition that nobody else has made one: only work is lost. */
export type FoldLease = {
  /** Takes the turn unless another process has it. */
  take(): Promise<boolean>;
  /** Lets the next one have it at once. */
  release(): Promise<void>;
};

/** Where no other process can fold. */
export const onlyFolder: FoldLease = { take: async () => true, release: async () => {} };

/** The turn is whose lease it is; it is kept from fold to fold. */
export function leasedFold(settings: LeaseSettings): FoldLease {
  let held: HeldLease | null = null;
  return {
    async take() {
      if (held !== null && !held.lost.aborted) return true;
      held = await holdLease(settings).catch((error: unknown) => {
        if (error instanceof StoreUnavailableError) return null;
        throw error;
      });
      return held !== null;
    },
    async release() {
      await held?.release();
      held = null;
    },
  };
}
