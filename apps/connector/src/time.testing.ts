import type { Clock } from "@trinity/runtime/clock";
import type { Sleep } from "@trinity/runtime/sleep";

/** Time that passes only in pauses. A pause takes one iteration of the event loop, so that other work runs. */
export function createTime(startMs = Date.UTC(2026, 0, 31)): { readonly clock: Clock; readonly sleep: Sleep; readonly pauses: number[] } {
  let nowMs = startMs;
  const pauses: number[] = [];
  return {
    clock: { nowMs: () => nowMs },
    pauses,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      pauses.push(ms);
      nowMs += ms;
      await new Promise(setImmediate);
      signal?.throwIfAborted();
    },
  };
}

/** Pauses until the signal aborts. */
export const forever: Sleep = (_ms, signal) =>
  new Promise((_, reject) => (signal?.aborted ? reject(signal.reason) : signal?.addEventListener("abort", () => reject(signal.reason))));
