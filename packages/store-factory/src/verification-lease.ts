import type { ShadowState } from "@trinity/storage/shadow-state";

/** Nobody else verifies or repairs the same data until it is closed. */
export type VerificationLease = {
  readonly shadowState: ShadowState;
  /** Aborts when the turn was lost all the same: whoever works ends at the next step. */
  readonly lost: AbortSignal;
  close(): Promise<void>;
};
