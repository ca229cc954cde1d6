import type { MetricAnswer } from "@trinity/aggregation/answer";

/** One number of an answer or of a recomputation: its group key, its time, and its integers. */
type MetricLine = {
  readonly by: string;
  readonly startMs: number;
  /** A count, or the numerator of a ratio; of a duration the number of facts. */
  readonly numerator: number;
  readonly denominator: number | null;
  /** The shown value, if the two integers do not determine it. */
  readonly value: number | null;
};

/** @returns the points of an answer, or its totals without buckets */
export function linesOfAnswer({ granularity, from, series, totals }: MetricAnswer): readonly string[] {
  const points =
    granularity === "total"
      ? totals.map((total) => ({ ...total, start: from }))
      : series.flatMap(({ by, points: of }) => of.map((point) => ({ by, ...point })));
  return points
    .map(({ by, start, value, numerator, denominator, count }) =>
      textOf({
        by: Object.values(by).join(" "),
        startMs: Date.parse(start),
        numerator: count ?? numerator ?? (value as number),
        denominator: denominator ?? null,
        value,
      }),
    )
    .sort();
}

/** @param rows with `by` (absent for all together), `start`, `numerator`, and `denominator` or `sum` where the metric has one */
export function linesOfRows(rows: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  return rows.map((row) => textOf(lineOfRow(row))).sort();
}

function lineOfRow({ by = "", start, numerator, denominator, sum }: Readonly<Record<string, unknown>>): MetricLine {
  const line = { by: String(by), startMs: (start as Date).getTime(), numerator: numerator as number };
  if (typeof sum === "number") return { ...line, denominator: null, value: ratio(sum, line.numerator) };
  if (typeof denominator === "number") return { ...line, denominator, value: ratio(line.numerator, denominator) };
  return { ...line, denominator: null, value: line.numerator };
}

function ratio(numerator: number, denominator: number): number | null {
  return denominator === 0 ? null : numerator / denominator;
}

function textOf({ by, startMs, numerator, denominator, value }: MetricLine): string {
  return `${by} ${new Date(startMs).toISOString()} ${numerator}/${denominator} = ${value}`;
}

/** @returns the first lines that only one of the two has */
export function differencesOf(answered: readonly string[], expected: readonly string[]): readonly string[] {
  const inAnswer = new Set(answered);
  const inExpected = new Set(expected);
  return [
    ...answered.filter((line) => !inExpected.has(line)).map((line) => `only answered: ${line}`),
    ...expected.filter((line) => !inAnswer.has(line)).map((line) => `only expected: ${line}`),
    ...(answered.length === expected.length ? [] : [`${answered.length} lines answered, ${expected.length} expected`]),
  ].slice(0, 10);
}
