import { StoreUnavailableError } from "@trinity/storage/event-store";
import { LeaseLostError } from "@trinity/storage/held-lease";
import type { Pause } from "./throttle.ts";

export type RepeatedWorkSettings = {
  readonly firstAfterMs: number;
  readonly everyMs: number;
  readonly pause: Pause;
  /** Answers for its own errors; it ends at its next step once the signal aborts. */
  readonly work: (signal: AbortSignal) => Promise<void>;
};

export type RepeatedWork = {
  /** Ends at the next step of the work that runs; what it did stays done. */
  stop(): Promise<void>;
};

/** Does work again and again, with a pause before each time. */
export function repeatWork({ firstAfterMs, everyMs, pause, work }: RepeatedWorkSettings): RepeatedWork {
  const stopping = new AbortController();
  const { signal } = stopping;

  async function run(): Promise<void> {
    for (let afterMs = firstAfterMs; !signal.aborted; afterMs = everyMs) {
      await pause(afterMs, signal).catch(() => undefined); // aborted: the loop sees it
      if (signal.aborted) return;
      await work(signal);
    }
  }

  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** Whether it is not this process's turn, or not yet. */
export function isForAnother(error: unknown): boolean {
  return error instanceof StoreUnavailableError || error instanceof LeaseLostError;
}
