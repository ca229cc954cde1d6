import type { AmountSum } from "../amount-sum.ts";
import { binsMax, quantileOf } from "../histogram.ts";
import type { Components, Reading } from "../metric.ts";
import type { Statistic } from "../metric-query.ts";
import { proportionOf } from "../proportion.ts";
import { type Reported, type ReportedLine, ratioOf } from "../reported.ts";
import type { AmountTally } from "../tally.ts";

/** Readings of one vector a bucket. */
export type VectorReading = Extract<Reading, { readonly kind: "count" | "ratio" | "distribution" }>;

export function linesOfVectors(reading: VectorReading, statistic: Statistic, tally: AmountTally): readonly ReportedLine[] {
  const report = (sum: AmountSum) => readSum(reading, statistic, sum);
  return tally.lines().map(({ key, by, spans, total }) => ({ key, by, points: spans.map(report), total: report(total) }));
}

export function totalOf(sum: AmountSum, components: Components): number {
  return components === "all" ? sum.total() : components.reduce((total, component) => total + sum.at(component), 0);
}

/** @returns the component from which on nothing is read: histograms lie behind the counts, and most questions need no bin of them */
export function componentsBelow(reading: VectorReading, statistic: Statistic): number {
  switch (reading.kind) {
    case "count":
      return behind(reading.components);
    case "ratio":
      return behind([...reading.numerator, ...reading.denominator]);
    case "distribution":
      return statistic === "mean" ? behind([reading.count, reading.sum]) : reading.bin0 + binsMax;
  }
}

/** @returns the first component behind all of these */
export function behind(components: Components): number {
  return components === "all" ? Number.POSITIVE_INFINITY : Math.max(...components) + 1;
}

function readSum(reading: VectorReading, statistic: Statistic, sum: AmountSum): Reported {
  switch (reading.kind) {
    case "count":
      return { value: totalOf(sum, reading.components) };
    case "ratio": {
      const [numerator, denominator] = [totalOf(sum, reading.numerator), totalOf(sum, reading.denominator)];
      return reading.proportion ? proportionOf(numerator, denominator) : { ...ratioOf(numerator, denominator), interval: null };
    }
    case "distribution": {
      const count = totalOf(sum, [reading.count]);
      return { value: count === 0 ? null : statisticOf(reading, statistic, sum, count), count };
    }
  }
}

function statisticOf(
  reading: VectorReading & { readonly kind: "distribution" },
  statistic: Statistic,
  sum: AmountSum,
  count: number,
): number | null {
  if (statistic === "mean") return totalOf(sum, [reading.sum]) / count / reading.perUnit;
  const quantile = quantileOf(sum, reading.bin0, Number(statistic.slice(1)) / 100);
  return quantile === null ? null : quantile / reading.perUnit;
}
