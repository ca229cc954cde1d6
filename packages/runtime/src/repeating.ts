import { type Sleep, sleepUnlessAborted } from "./sleep.ts";

/** Work that runs again and again between `start` and `stop`. */
export type Repeating = {
  /** Begins, unless it runs already. */
  start(): void;
  /** Aborts the signal of the work. @returns once the work has ended */
  stop(): Promise<void>;
};

/**
 * @param work handles its own failures: a rejection is unhandled, and ends the process
 * @param everyMs from the end of one run to the start of the next
 * @param firstAfterMs from `start` to the first run; 0 runs at once
 */
export function createRepeating(work: (signal: AbortSignal) => Promise<void>, everyMs: number, sleep: Sleep, firstAfterMs = 0): Repeating {
  let stopping: AbortController | null = null;
  let ended: Promise<void> = Promise.resolve();

  async function run(signal: AbortSignal): Promise<void> {
    if (firstAfterMs > 0) await sleepUnlessAborted(sleep, firstAfterMs, signal);
    while (!signal.aborted) {
      await work(signal);
      await sleepUnlessAborted(sleep, everyMs, signal);
    }
  }

  return {
    start() {
      if (stopping !== null) return;
      stopping = new AbortController();
      ended = run(stopping.signal);
    },
    async stop() {
      stopping?.abort();
      stopping = null;
      await ended;
    },
  };
}
