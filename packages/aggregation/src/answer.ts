import { quantileOf } from "./histogram.ts";
import type { Reading } from "./metric.ts";
import type { Statistic } from "./metric-query.ts";
import type { AnswerBucket, Plan } from "./plan.ts";
import type { Tally } from "./tally.ts";
import type { Vector } from "./vector.ts";
import { wilsonInterval } from "./wilson.ts";

/** A number as it is shown: integers as they were counted, divided only here; `null` where there is nothing to divide by. */
export type Reported = {
  readonly value: number | null;
  readonly numerator?: number;
  readonly denominator?: number;
  /** 95 %, of a proportion. */
  readonly interval?: readonly [number, number] | null;
  /** How many facts a duration is over. */
  readonly count?: number;
};

export type Point = Reported & {
  readonly start: string;
  /** True while the bucket is not over, or when the range cuts it. */
  readonly partial: boolean;
};

export type MetricAnswer = {
  readonly metric: string;
  readonly unit: string;
  readonly from: string;
  readonly to: string;
  readonly granularity: string;
  readonly series: readonly { readonly by: Readonly<Record<string, string>>; readonly points: readonly Point[] }[];
  readonly totals: readonly (Reported & { readonly by: Readonly<Record<string, string>> })[];
  /** Everything acknowledged before this instant is in the answer. */
  readonly asOf: string;
  readonly revision: number;
  readonly suppressed: number;
  readonly source: "rollups" | "log";
};

/** Turns what a tally gathered into the answer. */
export function answerOf(plan: Plan, tally: Tally, present: { readonly asOfMs: number; readonly revision: number }): MetricAnswer {
  const { metric, query, buckets } = plan;
  const report = (vector: Vector) => reported(metric.reading, vector, query.statistic);
  const lines = tally.lines();
  return {
    metric: metric.name,
    unit: metric.unit,
    from: iso(query.fromMs),
    to: iso(query.toMs),
    granularity: query.granularity,
    series: lines.map(({ by, vectors }) => ({
      by,
      points: buckets.map((bucket, i) => ({
        start: iso(bucket.startMs),
        ...report(vectors[i] as Vector),
        partial: isPartial(bucket, plan, present.asOfMs),
      })),
    })),
    totals: lines.map(({ by, total }) => ({ by, ...report(total) })),
    asOf: iso(present.asOfMs),
    revision: present.revision,
    suppressed: 0,
    source: plan.source.kind,
  };
}

function reported(reading: Reading, vector: Vector, statistic: Statistic): Reported {
  const sumOf = (components: readonly number[]) => components.reduce((sum, component) => sum + (vector.get(component) ?? 0), 0);
  switch (reading.kind) {
    case "count":
      return { value: sumOf(reading.components) };
    case "distinct":
      return { value: vector.size };
    case "ratio": {
      const numerator = sumOf(reading.numerator);
      const denominator = sumOf(reading.denominator);
      const value = denominator === 0 ? null : numerator / denominator;
      return { value, numerator, denominator, interval: reading.proportion ? wilsonInterval(numerator, denominator) : null };
    }
    case "duration": {
      const count = sumOf([reading.count]);
      return { value: count === 0 ? null : durationOf(reading, vector, statistic, count), count };
    }
  }
}

function durationOf(reading: Reading & { kind: "duration" }, vector: Vector, statistic: Statistic, count: number): number | null {
  if (statistic === "mean") return (vector.get(reading.sum) ?? 0) / count / reading.perMs;
  const quantile = quantileOf(vector, reading.bin0, Number(statistic.slice(1)) / 100);
  return quantile === null ? null : quantile / reading.perMs;
}

function isPartial(bucket: AnswerBucket, { query }: Plan, asOfMs: number): boolean {
  return bucket.startMs < query.fromMs || bucket.endMs > Math.min(query.toMs, asOfMs);
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
