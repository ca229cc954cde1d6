/** A clock that a test moves by hand. */
export type MovedClock = {
  nowMs(): number;
  pause(ms: number, signal?: AbortSignal): Promise<void>;
  /** Moves the clock on. Pauses end in order, each at its time, and the work that follows one runs before the next ends. */
  moveBy(ms: number): Promise<void>;
};

export function manualClock(startMs = 0): MovedClock {
  let nowMs = startMs;
  let sleepers: { readonly untilMs: number; readonly wake: () => void }[] = [];

  return {
    nowMs: () => nowMs,
    pause: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { untilMs: nowMs + ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener("abort", () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal.reason);
        });
      }),
    async moveBy(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        await settled();
        const next = sleepers.toSorted((a, b) => a.untilMs - b.untilMs)[0];
        if (next === undefined || next.untilMs > endMs) break;
        sleepers = sleepers.filter((other) => other !== next);
        nowMs = next.untilMs;
        next.wake();
      }
      nowMs = endMs;
    },
  };
}

/** Resolves after all work that waits only for promises. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
