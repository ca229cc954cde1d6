import { type Backoff, backoffMs } from "./backoff.ts";
import type { Random } from "./random.ts";
import type { Ok, Result } from "./result.ts";
import type { Sleep } from "./sleep.ts";

/** A failure after which the same attempt may succeed. `afterMs`: not before that time, as `Retry-After` says. */
export type Retryable = { readonly afterMs?: number };

export type RetrySettings = {
  readonly backoff: Backoff;
  readonly sleep: Sleep;
  readonly random: Random;
  /** Absent: without end. */
  readonly attemptsMax?: number;
  /** Shared by calls: where it is spent, a call fails at its first failure. */
  readonly budget?: RetryBudget;
  readonly signal?: AbortSignal;
};

/**
 * Attempts until one succeeds. What an attempt throws cannot succeed later: it is thrown at once.
 * @returns the value, or the last failure where the attempts are bounded
 * @throws the reason of the signal
 */
export async function retry<Value>(
  attempt: () => Promise<Result<Value, Retryable>>,
  settings: Omit<RetrySettings, "attemptsMax" | "budget"> & { readonly attemptsMax?: never; readonly budget?: never },
): Promise<Ok<Value>>;
export async function retry<Value, Failure extends Retryable>(
  attempt: () => Promise<Result<Value, Failure>>,
  settings: RetrySettings,
): Promise<Result<Value, Failure>>;
export async function retry<Value, Failure extends Retryable>(
  attempt: () => Promise<Result<Value, Failure>>,
  { backoff, sleep, random, attemptsMax = Number.POSITIVE_INFINITY, budget, signal }: RetrySettings,
): Promise<Result<Value, Failure>> {
  for (let failures = 0; ; failures++) {
    signal?.throwIfAborted();
    const result = await attempt();
    if (result.ok) budget?.earn();
    if (result.ok || failures + 1 >= attemptsMax || budget?.spend() === false) return result;
    await sleep(Math.max(backoffMs(backoff, failures, random), result.error.afterMs ?? 0), signal);
  }
}

/** Bounds the retries of all calls of a process: when nearly everything fails, retrying only keeps it failing. */
export class RetryBudget {
  readonly #retriesMax: number;
  readonly #earnedPerSuccess: number;
  #retries: number;

  constructor(retriesMax: number, earnedPerSuccess: number) {
    this.#retriesMax = retriesMax;
    this.#earnedPerSuccess = earnedPerSuccess;
    this.#retries = retriesMax;
  }

  earn(): void {
    this.#retries = Math.min(this.#retriesMax, this.#retries + this.#earnedPerSuccess);
  }

  /** @returns false when no retry is left */
  spend(): boolean {
    if (this.#retries < 1) return false;
    this.#retries -= 1;
    return true;
  }
}

/** @returns how long a `Retry-After` header in seconds asks to wait; 0 where it is absent or a date */
export function retryAfterMs(header: string | null | undefined): number {
  const seconds = Number(header ?? 0);
  return Number.isFinite(seconds) ? Math.max(0, seconds * 1_000) : 0;
}
