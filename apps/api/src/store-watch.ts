import { createRepeating } from "@trinity/runtime/repeating";
import { type Sleep, sleepUnlessAborted } from "@trinity/runtime/sleep";
import type { EventStore } from "@trinity/storage/event-store";

/** How far the log and the fold have come. */
type StoreState = { readonly headSeq: number; readonly revision: number };

/** One listener's view: it misses no change, however long it is busy between two looks. */
export type Watching = {
  /** Resolves as soon as something has changed since the last look. Rejects when the signal aborts. */
  changed(signal: AbortSignal): Promise<StoreState>;
  close(): void;
};

export type StoreWatch = {
  open(): Watching;
  /** How many are listening. */
  readonly listeners: number;
};

/** How often to look: at a local file that costs next to nothing, at tables on the network read units. */
export const watchEveryMs = { local: 20, shared: 250 } as const;
/** Many changes in a row wake all listeners no more often than this, and a store that cannot answer, which may open its files anew, is asked no more often. */
const restMs = 100;

/** Before the first look: equal to no state of a store. */
const unknown: StoreState = { headSeq: Number.NaN, revision: Number.NaN };

/** Watches a store for all listeners of the process with one poll, which rests while nobody listens. */
export function createStoreWatch(store: EventStore, sleep: Sleep, everyMs: number): StoreWatch {
  /** Another object with every change. */
  let state = unknown;
  let listeners = 0;
  const waiting = new Set<() => void>();

  async function look(signal: AbortSignal): Promise<void> {
    const snapshot = await store.readRollups([]).catch(() => null); // a store that cannot answer now has no news
    if (snapshot !== null) {
      const { headSeq, watermark } = snapshot;
      if (headSeq === state.headSeq && watermark.revision === state.revision) return;
      state = { headSeq, revision: watermark.revision };
      for (const wake of waiting) wake();
    }
    if (everyMs < restMs) await sleepUnlessAborted(sleep, restMs - everyMs, signal);
  }

  const poll = createRepeating(look, everyMs, sleep);

  function open(): Watching {
    let seen = unknown;
    let closed = false;
    listeners += 1;
    poll.start();
    return {
      async changed(signal) {
        while (state === seen) await nextWake(waiting, signal);
        seen = state;
        return state;
      },
      close() {
        if (closed) return;
        closed = true;
        listeners -= 1;
        if (listeners === 0) poll.stop();
      },
    };
  }

  return {
    open,
    get listeners() {
      return listeners;
    },
  };
}

function nextWake(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const leave = () => {
      waiting.delete(wake);
      signal.removeEventListener("abort", giveUp);
    };
    const wake = () => {
      leave();
      resolve();
    };
    const giveUp = () => {
      leave();
      reject(signal.reason);
    };
    waiting.add(wake);
    signal.addEventListener("abort", giveUp);
  });
}
