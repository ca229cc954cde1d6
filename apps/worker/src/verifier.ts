import type { Clock } from "@trinity/runtime/clock";
import { createRepeating, type Repeating } from "@trinity/runtime/repeating";
import type { Sleep } from "@trinity/runtime/sleep";
import type { EventStore } from "@trinity/storage/event-store";
import type { ShadowState } from "@trinity/storage/shadow-state";
import type { Recounting } from "@trinity/verification/recounting";
import { type CycleReport, verificationCycle } from "@trinity/verification/verification-cycle";
import { isForAnother } from "./is-for-another.ts";
import { createThrottle } from "./throttle.ts";

/** The data of one cycle. No other process verifies it until it is closed, or `lost` aborts. */
type CycleResources = {
  readonly store: EventStore;
  readonly shadowState: ShadowState;
  readonly lost: AbortSignal;
  /** Derives cells by SQL; absent where the log is not kept as columns. */
  readonly recounting?: Recounting | undefined;
  close(): Promise<void>;
};

/**
 * `skipped`: the store does not exist yet, or another process verifies it. `unsettled`: rows differ that could not be repaired, or SQL
 * derives cells otherwise.
 */
export const cycleOutcomes = ["clean", "repaired", "unsettled", "skipped", "failed"] as const;
export type CycleOutcome = (typeof cycleOutcomes)[number];

export type VerifierSettings = {
  /** @throws {StoreUnavailableError} while there is nothing to verify, or another process does */
  readonly open: () => Promise<CycleResources>;
  readonly firstAfterMs: number;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Called after each cycle; `error` when it failed or was skipped. */
  readonly onCycle: (outcome: CycleOutcome, report: CycleReport | null, error: unknown) => void;
};

/** Verifies repeatedly, also after a failed cycle. */
export function startVerifier({ open, firstAfterMs, everyMs, clock, sleep, onCycle }: VerifierSettings): Repeating {
  async function cycle(signal: AbortSignal): Promise<CycleReport> {
    const { store, shadowState, lost, recounting, close } = await open();
    try {
      const throttle = createThrottle(clock, sleep, AbortSignal.any([signal, lost]));
      return await verificationCycle(store, shadowState, { nowMs: clock.nowMs, throttle, recounting });
    } catch (error) {
      throw lost.aborted ? lost.reason : error;
    } finally {
      await close();
    }
  }

  const work = (signal: AbortSignal) =>
    cycle(signal).then(
      (report) => onCycle(outcomeOf(report), report, null),
      (error: unknown) => {
        if (!signal.aborted) onCycle(isForAnother(error) ? "skipped" : "failed", null, error);
      },
    );
  const repeating = createRepeating(work, everyMs, sleep, firstAfterMs);
  repeating.start();
  return repeating;
}

function outcomeOf({ differing, repaired, disputed }: CycleReport): CycleOutcome {
  if (differing > 0 || disputed.length > 0) return "unsettled";
  return repaired > 0 ? "repaired" : "clean";
}
