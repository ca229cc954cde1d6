import { tierMs } from "@trinity/aggregation/bucket";

/** So many events of an hour that is folded anyway cost as much as the first event of another hour: dozens of cells are kept for each hour. */
const hourWork = 30;

/** What folding some events costs, before they are folded. The unit is an event of an hour that is folded anyway. */
export class FoldWork {
  readonly #hours = new Set<number>();
  #events = 0;

  add(events: Iterable<{ readonly timestampMs: number }>): this {
    for (const { timestampMs } of events) {
      this.#events += 1;
      this.#hours.add(Math.floor(timestampMs / tierMs.hour));
    }
    return this;
  }

  total(): number {
    return this.#events + hourWork * this.#hours.size;
  }
}

/** The first of some parts, as many as are folded within this work together; at least one, so that it always goes on. `work` is theirs. */
export function partsWithin<Part>(
  parts: readonly Part[],
  workMax: number,
  eventsOf: (part: Part) => Iterable<{ readonly timestampMs: number }>,
): { readonly count: number; readonly work: number } {
  const sum = new FoldWork();
  let work = 0;
  for (const [count, part] of parts.entries()) {
    const withPart = sum.add(eventsOf(part)).total();
    if (withPart > workMax && count > 0) return { count, work };
    work = withPart;
  }
  return { count: parts.length, work };
}
