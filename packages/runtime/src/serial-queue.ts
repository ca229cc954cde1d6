import pLimit from "p-limit";

/** Runs work one at a time, in the order in which it was asked for; a failure does not stop the queue. */
export class SerialQueue {
  readonly #limit = pLimit(1);

  run<Value>(work: () => Promise<Value>): Promise<Value> {
    return this.#limit(work);
  }

  /** Resolves when all work that was asked for so far has ended. */
  async settled(): Promise<void> {
    await this.#limit(() => undefined);
  }
}
