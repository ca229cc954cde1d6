import type { CheckLog } from "@trinity/storage/check-log";
import { DamagedDataError } from "@trinity/storage/event-store";
import type { LeaseStore } from "@trinity/storage/lease-store";
import { type StoreCheckResult, storeCheck } from "@trinity/storage/store-check";

/** The progress of the check of the log, and what its current and last pass found. */
export type LogCheck = {
  readonly throughSeq: number;
  readonly passBeganAtMs: number;
  /** When a pass last reached the end of the log; null before the first. */
  readonly passEndedAtMs: number | null;
  readonly damaged: readonly string[];
  /** What the current pass has found so far. */
  readonly found: readonly string[];
  readonly mended: number;
  /** The imbalance that the last pass could not correct; absent in old records. */
  readonly imbalance?: string | null;
};

export const logCheckName = "log-check";
const damagedMax = 100;

const noLogCheck: LogCheck = { throughSeq: 0, passBeganAtMs: 0, passEndedAtMs: null, damaged: [], found: [], mended: 0, imbalance: null };

/** @returns null before the first check */
export async function readLogCheck(leases: Pick<LeaseStore, "readRecord">): Promise<LogCheck | null> {
  const text = await leases.readRecord(logCheckName);
  return text === null ? null : (JSON.parse(text) as LogCheck);
}

/** @returns the reason for a readiness check; null when no damage is known */
function logDamageOf(check: LogCheck | null): string | null {
  const [first, ...others] = check?.damaged ?? [];
  if (first === undefined) return null;
  return others.length === 0 ? first : `${first} (and ${others.length} more)`;
}

/** A readiness check: fails while damage of the log is known. */
export async function logCheckResult(leases: Pick<LeaseStore, "readRecord">): Promise<StoreCheckResult> {
  let reason: string | null = null;
  const read = await storeCheck(async () => {
    reason = logDamageOf(await readLogCheck(leases));
  });
  return read.ok && reason !== null ? { ok: false, reason } : read;
}

export type LogCheckSettings = {
  readonly nowMs: () => number;
  readonly throttle: () => Promise<void>;
  /** From the beginning of a pass to the beginning of the next. */
  readonly passEveryMs: number;
  /** Persists the progress. */
  readonly record: (check: LogCheck) => Promise<void>;
};

/**
 * Checks the new chunks of the log, or all of them when a pass is due. If it is stopped, the next call goes on.
 * Damage stays known until a complete pass no longer finds it.
 * @throws {DamagedDataError} when the log cannot be read; the reason was recorded
 */
export async function continueLogCheck(check: CheckLog, previous: LogCheck | null, settings: LogCheckSettings): Promise<LogCheck> {
  const { nowMs, throttle, passEveryMs, record } = settings;
  const isDue = previous === null || (previous.passEndedAtMs !== null && nowMs() - previous.passBeganAtMs >= passEveryMs);
  const newPass = (from: LogCheck): LogCheck => ({ ...from, throughSeq: 0, passBeganAtMs: nowMs(), passEndedAtMs: null, found: [] });
  let state = isDue ? newPass(previous ?? noLogCheck) : previous;
  for (let isLast = false; !isLast; ) {
    const isPass = state.passEndedAtMs === null;
    const page = await check(state.throughSeq, isPass).catch(async (error: unknown) => {
      // A log that cannot be read is damage too, until a pass from the beginning can read it.
      if (error instanceof DamagedDataError) {
        const damaged = firstDistinct([...state.damaged, ...state.found, error.reason]);
        await record({ ...newPass(state), damaged });
      }
      throw error;
    });
    if (!isPass && page.imbalance !== null && page.imbalance !== state.imbalance) {
      state = newPass(state);
      continue;
    }
    ({ isLast } = page);
    const found = firstDistinct([...state.found, ...page.damaged]);
    const damaged = isLast ? found : firstDistinct([...state.damaged, ...found]);
    const passEndedAtMs = isLast ? nowMs() : state.passEndedAtMs;
    const imbalance = isLast ? page.imbalance : (state.imbalance ?? null);
    state = { ...state, throughSeq: page.throughSeq, passEndedAtMs, found, damaged, mended: state.mended + page.mended, imbalance };
    await record(state);
    await throttle();
  }
  return state;
}

/** @returns each place once, at most `damagedMax` */
function firstDistinct(places: readonly string[]): readonly string[] {
  return [...new Set(places)].slice(0, damagedMax);
}
