import type { AccumulatedSeries } from "../accumulator.ts";

/** One group of an answer with its series of each sub-query; `undefined` if a sub-query counted nothing of the group. */
type JoinedSeries<Sum> = {
  readonly key: string;
  readonly by: AccumulatedSeries<Sum>["by"];
  readonly series: readonly (AccumulatedSeries<Sum> | undefined)[];
};

/** Joins the series of several sub-queries by group, in order of their keys. */
export function seriesByKey<Sum>(subQueries: readonly (readonly AccumulatedSeries<Sum>[])[]): readonly JoinedSeries<Sum>[] {
  const maps = subQueries.map((seriesList) => new Map(seriesList.map((series) => [series.key, series])));
  const known = new Map(subQueries.flat().map(({ key, by }) => [key, by]));
  return [...known]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, by]) => ({ key, by, series: maps.map((seriesList) => seriesList.get(key)) }));
}
