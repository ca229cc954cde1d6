import type { Clock } from "@trinity/runtime/clock";
import type { Sleep } from "@trinity/runtime/sleep";
import type { Throttle } from "@trinity/verification/replay";

const restMaxMs = 2_000;

/** Sleeps after each step for as long as the step took, so that long work uses half of a processor at most. */
export function createThrottle(clock: Clock, sleep: Sleep, signal: AbortSignal): Throttle {
  let sinceMs = clock.nowMs();
  return async () => {
    const tookMs = clock.nowMs() - sinceMs;
    await sleep(Math.min(Math.max(1, tookMs), restMaxMs), signal);
    sinceMs = clock.nowMs();
  };
}
