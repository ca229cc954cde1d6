import type { Backoff } from "@trinity/runtime/backoff";
import type { Random } from "@trinity/runtime/random";
import { failed, ok, type Result } from "@trinity/runtime/result";
import { type Retryable, RetryBudget, retry } from "@trinity/runtime/retry";
import type { Sleep } from "@trinity/runtime/sleep";
import { StoreUnavailableError } from "@trinity/storage/event-store";

export type RetrierSettings = { readonly sleep: Sleep; readonly random: Random };

const attemptsMax = 12;
const backoff: Backoff = { baseMs: 20, capMs: 1_000, jitter: "full" };

/** Retries the calls of a process, which share a budget: with up to three quarters of all attempts failing, it lasts. */
export class Retrier {
  readonly #settings: RetrierSettings;
  readonly #budget = new RetryBudget(1_000, 3);

  constructor(settings: RetrierSettings) {
    this.#settings = settings;
  }

  /**
   * @param mayPass whether the same call may succeed later, whether or not this one took effect
   * @throws {StoreUnavailableError} when the last attempt failed in a way that may pass; any other error is thrown as it is
   */
  async run<Value>(call: () => Promise<Value>, mayPass: (error: unknown) => boolean): Promise<Value> {
    const attempt = async (): Promise<Result<Value, Retryable & { readonly cause: unknown }>> => {
      try {
        return ok(await call());
      } catch (error) {
        if (!mayPass(error)) throw error;
        return failed({ cause: error });
      }
    };
    const result = await retry(attempt, { backoff, attemptsMax, budget: this.#budget, ...this.#settings });
    if (result.ok) return result.value;
    const { cause } = result.error;
    throw new StoreUnavailableError(cause instanceof Error ? cause.name : "unknown reason", { cause });
  }
}
