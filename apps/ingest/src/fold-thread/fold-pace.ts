/** A fold that was shorter, of less work, says nothing: most of its time is that of its commit. */
const tellingMs = 100;
const tellingWork = 500;

/** Until a fold tells better: slower than any machine that was seen, so that the first folds are short ones. */
const unknownPace = 5_000;

/** How much work a second the last telling fold did (`FoldWork`). By that, folds and commits get their size. */
export class FoldPace {
  #workPerSecond = unknownPace;

  folded(work: number, tookMs: number): void {
    if (work === 0 || (work < tellingWork && tookMs < tellingMs)) return;
    this.#workPerSecond = (work / Math.max(1, tookMs)) * 1_000;
  }

  /** @returns how much work is likely done within so long */
  workWithin(ms: number): number {
    return (this.#workPerSecond * ms) / 1_000;
  }
}
