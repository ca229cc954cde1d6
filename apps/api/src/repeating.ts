import type { Pause } from "./clock.ts";

/** A task that runs again and again while somebody needs it. */
export type Repeating = {
  /** Begins, unless it runs already. */
  start(): void;
  stop(): void;
};

/**
 * @param task runs at once and then `everyMs` after it ended; its failures are the caller's to handle inside
 */
export function createRepeating(task: () => Promise<void>, everyMs: number, pause: Pause): Repeating {
  let running: AbortController | null = null;

  async function run({ signal }: AbortController): Promise<void> {
    while (!signal.aborted) {
      await task();
      await pause(everyMs, signal).catch(() => undefined); // aborted: the loop sees it
    }
  }

  return {
    start() {
      if (running !== null) return;
      running = new AbortController();
      void run(running);
    },
    stop() {
      running?.abort();
      running = null;
    },
  };
}
