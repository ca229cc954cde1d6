import type { MetricAnswer } from "./answer.ts";
import type { ExpectedAnswer, ExpectedPoint } from "./metric-oracle.testing.ts";
import type { MetricQuery, Statistic } from "./metric-query.ts";
import type { MetricValue } from "./metric-value.ts";

/** @returns where an answer is not what the definitions of the metrics say: in its buckets, its lines or its numbers */
export function answerMismatches(answer: MetricAnswer, query: MetricQuery, expected: ExpectedAnswer): readonly string[] {
  const { labels, labelOf, series: seriesList, totals } = expected;
  const keyOf = (by: Readonly<Record<string, string>>) => query.by.map((name) => by[name]).join(",");
  const series = new Map(answer.series.map(({ by, points }) => [keyOf(by), points]));
  const answeredTotals = new Map(answer.totals.map(({ by, ...reported }) => [keyOf(by), reported]));
  const mismatches = series.size === answer.series.length ? [] : ["two lines are for the same values"];
  for (const points of series.values()) {
    const starts = points.map(({ start }) => Date.parse(start));
    if (String(starts.map(labelOf)) !== String(labels)) mismatches.push(`buckets ${starts.map(labelOf)} instead of ${labels}`);
    if (query.granularity !== "total" && starts.some((startMs) => labelOf(startMs) === labelOf(startMs - 1)))
      mismatches.push("a bucket begins after its first instant");
  }
  const compare = (where: string, reported: MetricValue | undefined, expected: ExpectedPoint | undefined) => {
    if (!isAsExpected(reported, expected, query.statistic))
      mismatches.push(`${query.metric} ${where}: ${JSON.stringify(reported)} instead of ${JSON.stringify(expected)}`);
  };
  for (const key of new Set([...series.keys(), ...seriesList.keys()])) {
    for (const [i, label] of labels.entries()) compare(`${key} ${label}`, series.get(key)?.[i], seriesList.get(key)?.[i]);
    if (totals !== null) compare(`${key} in total`, answeredTotals.get(key), totals.get(key));
  }
  return mismatches;
}

function isAsExpected(reported: MetricValue | undefined, expected: ExpectedPoint | undefined, statistic: Statistic): boolean {
  // A line that counted nothing may be left out on either side.
  if (reported === undefined) return expected === undefined || isNothing(expected);
  if (expected === undefined) return !reported.value && !reported.denominator && !reported.count;
  if (expected.kind === "count") return reported.value === expected.value;
  if (expected.kind === "near")
    return expected.value === null ? reported.value === null : Math.abs((reported.value ?? Number.NaN) - expected.value) <= expected.within;
  if (expected.kind === "duration") return isStatistic(reported, expected.msSorted, statistic);
  const { numerator, denominator } = expected;
  const value = denominator === 0 ? null : numerator / denominator;
  return reported.numerator === numerator && reported.denominator === denominator && reported.value === value;
}

function isNothing(expected: ExpectedPoint): boolean {
  if (expected.kind === "count") return expected.value === 0;
  if (expected.kind === "near") return expected.value === null;
  return expected.kind === "ratio" ? expected.numerator === 0 && expected.denominator === 0 : expected.msSorted.length === 0;
}

function isStatistic({ value, count }: MetricValue, msSorted: readonly number[], statistic: Statistic): boolean {
  if (count !== msSorted.length) return false;
  if (value === null || count === 0) return value === null && count === 0;
  if (statistic === "mean") return Math.abs(value - msSorted.reduce((sum, ms) => sum + ms, 0) / count) < 1e-6;
  // By nearest rank, within half a per cent.
  const truth = msSorted[Math.ceil((Number(statistic.slice(1)) / 100) * count) - 1] as number;
  return Math.abs(value - truth) <= truth * 0.005 * (1 + 1e-6) + 1e-12;
}
