import type { AccumulatedSeries } from "../accumulator.ts";

/** A line of an answer, and what each part counted for it; `undefined` where a part met nothing of it. */
type JoinedLine<Sum> = {
  readonly key: string;
  readonly by: AccumulatedSeries<Sum>["by"];
  readonly lines: readonly (AccumulatedSeries<Sum> | undefined)[];
};

/** Puts the lines of several parts of one answer side by side, in order of their values. */
export function linesByKey<Sum>(parts: readonly (readonly AccumulatedSeries<Sum>[])[]): readonly JoinedLine<Sum>[] {
  const maps = parts.map((lines) => new Map(lines.map((line) => [line.key, line])));
  const known = new Map(parts.flat().map(({ key, by }) => [key, by]));
  return [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, by]) => ({ key, by, lines: maps.map((lines) => lines.get(key)) }));
}
