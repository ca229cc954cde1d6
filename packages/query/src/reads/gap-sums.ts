import type { Accumulator } from "@trinity/aggregation/accumulator";
import { logRangesOf } from "@trinity/aggregation/sub-query";
import { lastAtOrBefore } from "@trinity/aggregation/time-range";
import { type Amounts, addAmounts, type Vector } from "@trinity/aggregation/vector";

/** `sums[i]` is of the facts from `ends[i]` to the next end; absent without any. */
type MeasureSums = {
  readonly accumulators: readonly Accumulator[];
  readonly ends: readonly number[];
  readonly sums: (Vector | undefined)[];
};

/**
 * Adds up facts of the log before any accumulator takes them, by measure and by times that all accumulators count whole or not at all. A page
 * counts the same facts for many numbers: each takes one sum, not each fact.
 */
export class GapSums {
  readonly #byMeasure: ReadonlyMap<string, MeasureSums>;

  /** @param accumulators of sub-queries that neither break down nor filter */
  constructor(accumulators: readonly Accumulator[]) {
    this.#byMeasure = new Map(
      [...Map.groupBy(accumulators, ({ subQuery }) => subQuery.measure.name)].map(([measure, alike]) => [
        measure,
        { accumulators: alike, ends: endsOf(alike), sums: [] },
      ]),
    );
  }

  /** @param amounts null for what is no fact of the measure */
  add(measure: string, atMs: number, amounts: Amounts | null): void {
    const ofMeasure = this.#byMeasure.get(measure);
    if (ofMeasure === undefined || amounts === null) return;
    const { ends, sums } = ofMeasure;
    if (atMs < (ends[0] as number)) return;
    const index = lastAtOrBefore(ends, atMs);
    addAmounts((sums[index] ??= new Map()), amounts, 1);
  }

  /** Gives the sums to the accumulators: once, at the end. */
  addUp(): void {
    for (const [measure, { accumulators, ends, sums }] of this.#byMeasure) {
      sums.forEach((sum, i) => {
        if (sum === undefined) return;
        const amounts = [...sum].sort(([a], [b]) => a - b).flat();
        const contribution = { measure, atMs: ends[i] as number, dimensions: {}, amounts };
        for (const accumulator of accumulators) accumulator.addContribution(contribution);
      });
    }
  }
}

/** Wherever one of them begins or ends to count. */
function endsOf(accumulators: readonly Accumulator[]): readonly number[] {
  const ends = accumulators.flatMap(({ subQuery }) => [
    ...subQuery.boundaries,
    ...logRangesOf(subQuery).flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
  ]);
  return [...new Set(ends)].sort((a, b) => a - b);
}
