import type { Clock } from "@trinity/runtime/clock";
import { createRepeating, type Repeating } from "@trinity/runtime/repeating";
import type { Sleep } from "@trinity/runtime/sleep";
import type { CheckLog } from "@trinity/storage/check-log";
import { continueLogCheck, type LogCheck } from "@trinity/verification/log-check";
import { isForAnother } from "./is-for-another.ts";
import { createThrottle } from "./throttle.ts";

/** The data of one check. No other process checks the log until it is closed, or `lost` aborts. */
export type LogCheckLease = {
  readonly check: CheckLog;
  /** The result of the last check. */
  readonly before: LogCheck | null;
  readonly lost: AbortSignal;
  /** @throws {LeaseLostError} */
  record(check: LogCheck): Promise<void>;
  close(): Promise<void>;
};

export type LogCheckerSettings = {
  /** @throws {StoreUnavailableError} while there is no log, or another process checks it */
  readonly open: () => Promise<LogCheckLease>;
  readonly firstAfterMs: number;
  /** Between two checks of new chunks. */
  readonly everyMs: number;
  /** Between two passes over all chunks. */
  readonly passEveryMs: number;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly onChecked: (after: LogCheck, before: LogCheck | null) => void;
  /** Called for each check that was skipped: another process does it, or the store is unavailable. */
  readonly onSkipped: (error: unknown) => void;
  readonly onFailed: (error: unknown) => void;
};

/** Checks the log repeatedly, also after a failed check; its findings stay known. */
export function startLogChecker(settings: LogCheckerSettings): Repeating {
  const { open, firstAfterMs, everyMs, passEveryMs, clock, sleep, onChecked, onSkipped, onFailed } = settings;

  async function check(signal: AbortSignal): Promise<void> {
    const { check: checkLog, before, lost, record, close } = await open();
    try {
      const throttle = createThrottle(clock, sleep, AbortSignal.any([signal, lost]));
      onChecked(await continueLogCheck(checkLog, before, { nowMs: clock.nowMs, throttle, passEveryMs, record }), before);
    } finally {
      await close();
    }
  }

  const work = (signal: AbortSignal) =>
    check(signal).catch((error: unknown) => {
      if (signal.aborted) return;
      if (isForAnother(error)) onSkipped(error);
      else onFailed(error);
    });
  const repeating = createRepeating(work, everyMs, sleep, firstAfterMs);
  repeating.start();
  return repeating;
}
