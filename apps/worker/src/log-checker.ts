import { StoreUnavailableError } from "@trinity/storage/event-store";
import { LeaseLostError } from "@trinity/storage/held-lease";
import { type CheckLog, checkOn, type LogCheck } from "@trinity/storage/log-check";
import { type Clock, createPace, type Pause } from "./pace.ts";

/** What one check works with; nobody else checks the same log until it is closed, or `lost` aborts. */
export type LogCheckTurn = {
  readonly check: CheckLog;
  /** What was known before. */
  readonly before: LogCheck | null;
  readonly lost: AbortSignal;
  /** @throws {LeaseLostError} */
  record(check: LogCheck): Promise<void>;
  close(): Promise<void>;
};

export type LogCheckerSettings = {
  /** @throws {StoreUnavailableError} while there is no log, or somebody else checks it */
  readonly open: () => Promise<LogCheckTurn>;
  readonly firstAfterMs: number;
  /** Between two checks of what is new. */
  readonly everyMs: number;
  /** Between two passes over the whole log. */
  readonly passEveryMs: number;
  readonly clock: Clock;
  readonly pause: Pause;
  readonly onChecked: (after: LogCheck, before: LogCheck | null) => void;
  readonly onFailed: (error: unknown) => void;
};

/** Checks the log again and again, whatever becomes of a check. @returns what ends it at the next step; what it found stays known */
export function startLogChecker(settings: LogCheckerSettings): { stop(): Promise<void> } {
  const { open, firstAfterMs, everyMs, passEveryMs, clock, pause, onChecked, onFailed } = settings;
  const stopping = new AbortController();
  const { signal } = stopping;

  async function checkOnce(): Promise<void> {
    const { check, before, lost, record, close } = await open();
    try {
      const pace = createPace(clock, pause, AbortSignal.any([signal, lost]));
      onChecked(await checkOn(check, before, { nowMs: clock.nowMs, pace, passEveryMs, record }), before);
    } finally {
      await close();
    }
  }

  async function run(): Promise<void> {
    for (let afterMs = firstAfterMs; !signal.aborted; afterMs = everyMs) {
      await pause(afterMs, signal).catch(() => undefined); // aborted: the loop sees it
      if (signal.aborted) return;
      await checkOnce().catch((error: unknown) => {
        const isForAnother = error instanceof StoreUnavailableError || error instanceof LeaseLostError;
        if (!signal.aborted && !isForAnother) onFailed(error);
      });
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
