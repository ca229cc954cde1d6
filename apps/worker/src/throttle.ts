import type { Throttle } from "@trinity/verification/replay";

export type Clock = { nowMs(): number };

/** Resolves after `ms`; rejects as soon as the signal aborts. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

const restMaxMs = 2_000;

/** Pauses after each step for as long as the step took, so that long work uses half of a processor at most. */
export function createThrottle(clock: Clock, pause: Pause, signal: AbortSignal): Throttle {
  let sinceMs = clock.nowMs();
  return async () => {
    const tookMs = clock.nowMs() - sinceMs;
    await pause(Math.min(Math.max(1, tookMs), restMaxMs), signal);
    sinceMs = clock.nowMs();
  };
}
