import { StoreUnavailableError } from "@trinity/storage/event-store";
import { LeaseLostError } from "@trinity/storage/held-lease";
import type { Pause } from "./throttle.ts";

export type RepeatedWorkSettings = {
  readonly firstAfterMs: number;
  readonly everyMs: number;
  readonly pause: Pause;
  /** Handles its own errors, and ends at its next step once the signal aborts. */
  readonly work: (signal: AbortSignal) => Promise<void>;
};

export type RepeatedWork = {
  /** Ends at the next step of the current work; completed steps stay. */
  stop(): Promise<void>;
};

/** Repeats work, with a pause before each time. */
export function repeatWork({ firstAfterMs, everyMs, pause, work }: RepeatedWorkSettings): RepeatedWork {
  const stopping = new AbortController();
  const { signal } = stopping;

  async function run(): Promise<void> {
    for (let afterMs = firstAfterMs; !signal.aborted; afterMs = everyMs) {
      await pause(afterMs, signal).catch(() => undefined); // aborted: the loop checks
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

/** Whether an error means that another process does the work, or that the store is unavailable. */
export function isForAnother(error: unknown): boolean {
  return error instanceof StoreUnavailableError || error instanceof LeaseLostError;
}
