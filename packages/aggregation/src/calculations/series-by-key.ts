import type { AccumulatedSeries } from "../accumulator.ts";

/** A line of an answer, and what each part counted for it; `undefined` where a part met nothing of it. */
type JoinedSeries<Sum> = {
  readonly key: string;
  readonly by: AccumulatedSeries<Sum>["by"];
  readonly series: readonly (AccumulatedSeries<Sum> | undefined)[];
};

/** Puts the lines of several parts of one answer side by side, in order of their values. */
export function seriesByKey<Sum>(parts: readonly (readonly AccumulatedSeries<Sum>[])[]): readonly JoinedSeries<Sum>[] {
  const maps = parts.map((seriesList) => new Map(seriesList.map((series) => [series.key, series])));
  const known = new Map(parts.flat().map(({ key, by }) => [key, by]));
  return [...known]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, by]) => ({ key, by, series: maps.map((seriesList) => seriesList.get(key)) }));
}
