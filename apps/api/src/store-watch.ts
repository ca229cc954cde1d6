import { createRepeating } from "@trinity/runtime/repeating";
import { type Sleep, sleepUnlessAborted } from "@trinity/runtime/sleep";
import type { EventStore } from "@trinity/storage/event-store";

/** How far the log and the fold have come. */
type StoreState = { readonly headSeq: number; readonly revision: number };

/** One listener's view: it misses no change, however long it is busy between two looks. */
type Watching = {
  /** Resolves as soon as something has changed since the last look. Rejects when the signal of the listener aborts. */
  changed(): Promise<StoreState>;
  close(): void;
};

export type StoreWatch = {
  /** @param signal aborts when the listener leaves */
  open(signal: AbortSignal): Watching;
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
  const listeners = new Set<Listener>();

  async function look(signal: AbortSignal): Promise<void> {
    const snapshot = await store.readRollups([]).catch(() => null); // a store that cannot answer now has no news
    if (snapshot !== null) {
      const { headSeq, watermark } = snapshot;
      if (headSeq === state.headSeq && watermark.revision === state.revision) return;
      state = { headSeq, revision: watermark.revision };
      for (const { wake } of listeners) wake();
    }
    if (everyMs < restMs) await sleepUnlessAborted(sleep, restMs - everyMs, signal);
  }

  const poll = createRepeating(look, everyMs, sleep);

  function open(signal: AbortSignal): Watching {
    const listener: Listener = { wake: () => {} };
    const leave = () => listener.wake();
    let seen = unknown;
    listeners.add(listener);
    signal.addEventListener("abort", leave);
    poll.start();
    return {
      async changed() {
        while (state === seen && !signal.aborted) await new Promise<void>((resolve) => void (listener.wake = resolve));
        signal.throwIfAborted();
        seen = state;
        return state;
      },
      close() {
        signal.removeEventListener("abort", leave);
        listeners.delete(listener);
        if (listeners.size === 0) poll.stop();
      },
    };
  }

  return {
    open,
    get listeners() {
      return listeners.size;
    },
  };
}

/** `wake` ends its wait. It is the same object while the listener is there: to register each wait takes as long as to send an event. */
type Listener = { wake: () => void };
