import { StoreUnavailableError } from "@trinity/storage/event-store";

/** Whether a failed call may succeed later (`retry`), no matter if this attempt had an effect. */
export type Verdict = "retry" | "give up";

export type RetrySettings = {
  readonly attemptsMax: number;
  readonly baseMs: number;
  readonly capMs: number;
  readonly pause: (ms: number) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
};

/**
 * Retries calls with full jitter: each pause is random between 0 and a bound that doubles, so that clients throttled together do not return
 * together (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015). All calls of a process share a budget of retries. When
 * nearly everything fails, the budget is used up and calls give up at once instead of adding load.
 */
export class Retrier {
  readonly #settings: RetrySettings;
  #budget = budgetMax;

  constructor(settings: RetrySettings) {
    this.#settings = settings;
  }

  /** @throws {StoreUnavailableError} when retries are used up; errors that must not be retried are thrown as they are */
  async run<Result>(attempt: () => Promise<Result>, verdictOf: (error: unknown) => Verdict): Promise<Result> {
    const { attemptsMax, baseMs, capMs, pause, random } = this.#settings;
    for (let failed = 0; ; ) {
      try {
        const result = await attempt();
        this.#budget = Math.min(budgetMax, this.#budget + earnedRetries);
        return result;
      } catch (error) {
        if (verdictOf(error) === "give up") throw error;
        failed += 1;
        if (failed === attemptsMax || this.#budget < 1) throw new StoreUnavailableError(nameOf(error), { cause: error });
        this.#budget -= 1;
        await pause(random() * Math.min(capMs, baseMs * 2 ** failed));
      }
    }
  }
}

const budgetMax = 1_000;
/** Added to the budget by every success, so that it lasts while up to three quarters of all attempts fail. */
const earnedRetries = 3;

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown reason";
}
