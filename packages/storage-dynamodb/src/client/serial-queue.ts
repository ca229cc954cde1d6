/** Runs work one after the other, in order, also after failures. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when all work queued so far is done. */
  async settled(): Promise<void> {
    await this.#last;
  }
}
