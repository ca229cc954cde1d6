import type { AmountAccumulator } from "../accumulator.ts";
import type { AmountSum } from "../amount-sum.ts";
import { binsMax, quantileOf } from "../histogram.ts";
import type { Calculation, Components } from "../metric.ts";
import type { Statistic } from "../metric-query.ts";
import { type MetricSeries, type MetricValue, ratioOf } from "../metric-value.ts";
import { proportionOf } from "../proportion.ts";

/** Readings of one vector a bucket. */
export type VectorCalculation = Extract<Calculation, { readonly kind: "count" | "ratio" | "distribution" }>;

export function seriesOfVectors(
  calculation: VectorCalculation,
  statistic: Statistic,
  accumulator: AmountAccumulator,
): readonly MetricSeries[] {
  const report = (sum: AmountSum) => readSum(calculation, statistic, sum);
  return accumulator.series().map(({ key, by, windows, total }) => ({ key, by, points: windows.map(report), total: report(total) }));
}

export function totalOf(sum: AmountSum, components: Components): number {
  return components === "all" ? sum.total() : components.reduce((total, component) => total + sum.at(component), 0);
}

/** @returns the component from which on nothing is read: histograms lie behind the counts, and most questions need no bin of them */
export function componentsBelow(calculation: VectorCalculation, statistic: Statistic): number {
  switch (calculation.kind) {
    case "count":
      return behind(calculation.components);
    case "ratio":
      return behind([...calculation.numerator, ...calculation.denominator]);
    case "distribution":
      return statistic === "mean" ? behind([calculation.count, calculation.sum]) : calculation.bin0 + binsMax;
  }
}

/** @returns the first component behind all of these */
export function behind(components: Components): number {
  return components === "all" ? Number.POSITIVE_INFINITY : Math.max(...components) + 1;
}

function readSum(calculation: VectorCalculation, statistic: Statistic, sum: AmountSum): MetricValue {
  switch (calculation.kind) {
    case "count":
      return { value: totalOf(sum, calculation.components) };
    case "ratio": {
      const [numerator, denominator] = [totalOf(sum, calculation.numerator), totalOf(sum, calculation.denominator)];
      return calculation.proportion ? proportionOf(numerator, denominator) : { ...ratioOf(numerator, denominator), interval: null };
    }
    case "distribution": {
      const count = totalOf(sum, [calculation.count]);
      return { value: count === 0 ? null : statisticOf(calculation, statistic, sum, count), count };
    }
  }
}

function statisticOf(
  calculation: VectorCalculation & { readonly kind: "distribution" },
  statistic: Statistic,
  sum: AmountSum,
  count: number,
): number | null {
  if (statistic === "mean") return totalOf(sum, [calculation.sum]) / count / calculation.perUnit;
  const quantile = quantileOf(sum, calculation.bin0, Number(statistic.slice(1)) / 100);
  return quantile === null ? null : quantile / calculation.perUnit;
}
