import { quantileOf } from "../histogram.ts";
import type { Components, Reading } from "../metric.ts";
import type { Statistic } from "../metric-query.ts";
import { proportionOf } from "../proportion.ts";
import { type Reported, type ReportedLine, ratioOf } from "../reported.ts";
import type { AmountTally } from "../tally.ts";
import type { Vector } from "../vector.ts";

/** Readings of one vector a bucket. */
export type VectorReading = Extract<Reading, { readonly kind: "count" | "ratio" | "distribution" }>;

export function linesOfVectors(reading: VectorReading, statistic: Statistic, tally: AmountTally): readonly ReportedLine[] {
  const report = (vector: Vector) => readVector(reading, statistic, vector);
  return tally.lines().map(({ key, by, spans, total }) => ({ key, by, points: spans.map(report), total: report(total) }));
}

export function sumOf(vector: ReadonlyMap<number, number>, components: Components): number {
  const amounts = components === "all" ? [...vector.values()] : components.map((component) => vector.get(component) ?? 0);
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

function readVector(reading: VectorReading, statistic: Statistic, vector: Vector): Reported {
  switch (reading.kind) {
    case "count":
      return { value: sumOf(vector, reading.components) };
    case "ratio": {
      const [numerator, denominator] = [sumOf(vector, reading.numerator), sumOf(vector, reading.denominator)];
      return reading.proportion ? proportionOf(numerator, denominator) : { ...ratioOf(numerator, denominator), interval: null };
    }
    case "distribution": {
      const count = sumOf(vector, [reading.count]);
      return { value: count === 0 ? null : statisticOf(reading, statistic, vector, count), count };
    }
  }
}

function statisticOf(
  reading: VectorReading & { readonly kind: "distribution" },
  statistic: Statistic,
  vector: Vector,
  count: number,
): number | null {
  if (statistic === "mean") return sumOf(vector, [reading.sum]) / count / reading.perUnit;
  const quantile = quantileOf(vector, reading.bin0, Number(statistic.slice(1)) / 100);
  return quantile === null ? null : quantile / reading.perUnit;
}
