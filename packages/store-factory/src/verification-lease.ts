import type { ShadowState } from "@trinity/storage/shadow-state";

/** Until it is closed, no other process verifies or repairs the same data. */
export type VerificationLease = {
  readonly shadowState: ShadowState;
  /** Aborts when the lease was lost: the work must end at its next step. */
  readonly lost: AbortSignal;
  close(): Promise<void>;
};
