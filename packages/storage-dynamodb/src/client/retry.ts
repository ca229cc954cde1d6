import { StoreUnavailableError } from "@trinity/storage/event-store";

/** What became of a failed attempt: `retry` when the same call may succeed later, whether or not this one took effect. */
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
 * Retries calls with full jitter: each pause is anywhere between nothing and a bound that doubles, so that many clients that were throttled
 * together do not come back together (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015). All calls of a process share
 * a budget: when nearly everything fails, retrying would only keep it failing, and calls give up at once.
 */
export class Retrier {
  readonly #settings: RetrySettings;
  #budget = budgetMax;

  constructor(settings: RetrySettings) {
    this.#settings = settings;
  }

  /** @throws {StoreUnavailableError} when the last attempt failed in a way that may pass; what is not to be retried is thrown as it is */
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
/** Every answer earns so many: with up to three quarters of all attempts failing, the budget lasts for ever. */
const earnedRetries = 3;

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown reason";
}
