import type { Accumulator } from "../accumulator.ts";
import type { FactFilter } from "../fact-filter.ts";
import type { Fact, Row, RowCollector } from "./row.ts";

export type OpenRowsSettings = {
  /** Changes of level on the days of the range. */
  readonly flow: FactFilter;
  /** The level at the start of the first day. */
  readonly balance: FactFilter;
  readonly minuteOf: (accumulators: readonly Accumulator[]) => number;
};

type Change = { readonly atMs: number; readonly by: number };
type Candidate = { readonly row: Row; readonly carried: number; readonly changes: readonly Change[] };

/** Each fact that is open in the minute of the peak is a row: the sum of its changes up to that minute is positive. */
export class OpenRows implements RowCollector {
  readonly #settings: OpenRowsSettings;
  readonly #candidates: Candidate[] = [];

  constructor(settings: OpenRowsSettings) {
    this.#settings = settings;
  }

  add({ place, contributions }: Fact): null {
    const { flow, balance } = this.#settings;
    const [first] = contributions;
    if (first === undefined) return null;
    const changes = contributions.filter((one) => flow.counts(one)).map(({ atMs, amounts }) => ({ atMs, by: amounts[1] as number }));
    const carried = contributions.filter((one) => balance.counts(one)).reduce((sum, { amounts }) => sum + (amounts[1] as number), 0);
    if (carried === 0 && changes.length === 0) return null;
    const { atMs, dimensions } = first;
    this.#candidates.push({ row: { place, key: String(place.key), atMs, amount: 1, dimensions, event: null }, carried, changes });
    return null;
  }

  rest(accumulators: readonly Accumulator[]): readonly Row[] {
    const minuteMs = this.#settings.minuteOf(accumulators);
    const levelOf = ({ carried, changes }: Candidate) =>
      changes.reduce((level, { atMs, by }) => level + (atMs <= minuteMs ? by : 0), carried);
    return this.#candidates.filter((candidate) => levelOf(candidate) > 0).map(({ row }) => row);
  }
}
