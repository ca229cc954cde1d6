type Work<Result> = { readonly ending: AbortController; readonly result: Promise<Result>; callers: number };

/** Work that several callers wait for is done once. It ends when the last of them has left. */
export class SharedWork<Result> {
  readonly #running = new Map<string, Work<Result>>();

  /**
   * @param key equal for the same work
   * @param start begins it, if nobody has; its signal aborts when nobody waits any more
   * @param signal of this caller
   * @returns null when this caller has left, and others still wait
   */
  async join(key: string, start: (signal: AbortSignal) => Promise<Result>, signal?: AbortSignal): Promise<Result | null> {
    signal?.throwIfAborted();
    const work = this.#running.get(key) ?? this.#started(key, start);
    work.callers += 1;
    const left = Promise.withResolvers<null>();
    const leave = () => {
      work.callers -= 1;
      if (work.callers > 0) return left.resolve(null);
      this.#forget(key, work);
      work.ending.abort();
    };
    signal?.addEventListener("abort", leave);
    return Promise.race([work.result, left.promise]).finally(() => signal?.removeEventListener("abort", leave));
  }

  #started(key: string, start: (signal: AbortSignal) => Promise<Result>): Work<Result> {
    const ending = new AbortController();
    const result = start(ending.signal).finally(() => this.#forget(key, work));
    const work: Work<Result> = { ending, result, callers: 0 };
    this.#running.set(key, work);
    return work;
  }

  #forget(key: string, work: Work<Result>): void {
    if (this.#running.get(key) === work) this.#running.delete(key);
  }
}
