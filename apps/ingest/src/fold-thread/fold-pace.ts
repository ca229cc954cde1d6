/** A fold that was shorter, of less work, says nothing: most of its time is that of its commit. */
const tellingMs = 100;
const tellingWork = 500;

/**
 * Slower than any machine that was seen: the pace until a fold tells better, so that the first folds are short ones, and the least that any fold
 * tells. A fold that took long for little work waited for a disk or a network, or the clock was set. By such a pace folds would become so small
 * that none says anything any more, and the events that come would wait for them for ever.
 */
const slowestPace = 5_000;

/** How much work a second the last telling fold did (`FoldWork`). By that, folds and commits get their size. */
export class FoldPace {
  #workPerSecond = slowestPace;

  folded(work: number, tookMs: number): void {
    if (work === 0 || (work < tellingWork && tookMs < tellingMs)) return;
    this.#workPerSecond = Math.max(slowestPace, (work / Math.max(1, tookMs)) * 1_000);
  }

  /** @returns how much work is likely done within so long */
  workWithin(ms: number): number {
    return (this.#workPerSecond * ms) / 1_000;
  }
}
