import type { Waiting } from "@trinity/columns/waiting-events";
import type { Clock } from "@trinity/runtime/clock";
import { createRepeating, type Repeating } from "@trinity/runtime/repeating";
import type { Sleep } from "@trinity/runtime/sleep";
import { isForAnother } from "./is-for-another.ts";

/** The right to seal: no other process seals until it is closed, or `lost` aborts. */
export type SealLease = {
  /** @returns how many events were sealed; 0 when all are */
  sealNext(nowMs: number): Promise<number>;
  readonly lost: AbortSignal;
  close(): Promise<void>;
};

export type SealerSettings = {
  readonly countWaiting: (eventsMax: number) => Promise<Waiting>;
  /** @throws {StoreUnavailableError} while there is no log, or another process seals */
  readonly open: () => Promise<SealLease>;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly onSealed: (events: number) => void;
  readonly onSkipped: (error: unknown) => void;
  readonly onFailed: (error: unknown) => void;
};

/** Until then the API keeps them in memory. */
const waitingEventsMax = 20_000;
const waitingMsMax = 10 * 60_000;

/** Seals the log repeatedly, once enough events wait or the oldest has waited for long; also after a failure. */
export function startSealer(settings: SealerSettings): Repeating {
  const { countWaiting, open, everyMs, clock, sleep, onSealed, onSkipped, onFailed } = settings;

  async function isDue(): Promise<boolean> {
    const { events, oldestMs } = await countWaiting(waitingEventsMax);
    return events >= waitingEventsMax || (events > 0 && oldestMs !== null && oldestMs + waitingMsMax <= clock.nowMs());
  }

  async function sealAll(signal: AbortSignal): Promise<void> {
    if (!(await isDue())) return;
    const { sealNext, lost, close } = await open();
    try {
      for (let sealed = -1; sealed !== 0 && !signal.aborted && !lost.aborted; ) {
        sealed = await sealNext(clock.nowMs());
        if (sealed > 0) onSealed(sealed);
      }
    } finally {
      await close();
    }
  }

  const work = (signal: AbortSignal) =>
    sealAll(signal).catch((error: unknown) => {
      if (signal.aborted) return;
      if (isForAnother(error)) onSkipped(error);
      else onFailed(error);
    });
  const repeating = createRepeating(work, everyMs, sleep, everyMs);
  repeating.start();
  return repeating;
}
