import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketStart, tierMs } from "./bucket.ts";
import type { Granularity } from "./calendar.ts";
import { multiValued } from "./dimension.ts";
import { FoldedWorld, question } from "./folded-world.testing.ts";
import { dimensionsOfMetric } from "./metric.ts";
import { metricCatalogue } from "./metric-catalogue.ts";
import { addVector, type Vector } from "./vector.ts";
import { anyWorld, anyWorldAndQuery, type World } from "./world-arbitrary.testing.ts";

function folded({ folds }: World): FoldedWorld {
  return folds.reduce((world, { chunks, foldedAtMs }) => world.fold(chunks, foldedAtMs), new FoldedWorld());
}

function sum(vectors: readonly Vector[]): Vector {
  const whole: Vector = new Map();
  for (const vector of vectors) addVector(whole, vector);
  return whole;
}

const finerFirst: readonly Granularity[] = ["minute", "hour", "day", "week", "month", "total"];

test("Feature: analytics-system, Property 2: metrics aggregation consistency - minutes merge to hours, days, weeks, months and the whole, for every metric", () => {
  fc.assert(
    fc.property(anyWorld, fc.integer({ min: -30, max: 30 }), fc.integer({ min: 1, max: 60 }), (world, fromHour, hours) => {
      const cells = folded(world);
      const fromMs = bucketStart("hour", world.aroundMs) + fromHour * tierMs.hour;
      for (const { name } of metricCatalogue) {
        const query = question({ metric: name, fromMs, toMs: fromMs + hours * tierMs.hour });
        const wholes = finerFirst.map((granularity) => {
          const [line] = cells.tally({ ...query, granularity }, world.asOfMs).tally.lines();
          return { total: line?.total, merged: sum(line?.vectors ?? []) };
        });
        for (const { total, merged } of wholes)
          expect({ name, total, merged }).toEqual({ name, total: wholes.at(-1)?.total, merged: total });
      }
    }),
  );
});

test("Feature: analytics-system, Property 2: metrics aggregation consistency - the values of every dimension that a fact has one of sum to the whole, distinct users by union", () => {
  fc.assert(
    fc.property(anyWorldAndQuery, ({ world, query }) => {
      const cells = folded(world);
      const metric = metricCatalogue.find(({ name }) => name === query.metric);
      const [whole] = cells.tally({ ...query, by: [] }, world.asOfMs).tally.lines();
      for (const dimension of metric === undefined ? [] : dimensionsOfMetric(metric).filter((name) => !multiValued.has(name))) {
        const parts = cells.tally({ ...query, by: [dimension] }, world.asOfMs).tally.lines();
        expect(sum(parts.map(({ total }) => total))).toEqual(whole?.total);
        for (const [i, vector] of (whole?.vectors ?? []).entries()) {
          expect(sum(parts.map(({ vectors }) => vectors[i] as Vector))).toEqual(vector);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test("Feature: analytics-system, Property 2: metrics aggregation consistency - numerators, denominators and counts of the parts of an answer add up to its totals", () => {
  fc.assert(
    fc.property(anyWorldAndQuery, ({ world, query }) => {
      const { series, totals } = folded(world).answer({ ...query, statistic: "mean" }, world.asOfMs);
      if (query.metric === "active_users") return;
      for (const [i, { points }] of series.entries()) {
        const total = totals[i];
        const sumOf = (amount: (point: (typeof points)[number]) => number | null | undefined) =>
          points.reduce((whole, point) => whole + (amount(point) ?? 0), 0);
        if (total?.denominator !== undefined) {
          expect(sumOf(({ numerator }) => numerator)).toBe(total.numerator);
          expect(sumOf(({ denominator }) => denominator)).toBe(total.denominator);
        } else if (total?.count !== undefined) {
          expect(sumOf(({ count }) => count)).toBe(total.count);
          expect(sumOf(({ value, count }) => (value ?? 0) * (count ?? 0))).toBeCloseTo((total.value ?? 0) * total.count, 3);
        } else expect(sumOf(({ value }) => value)).toBe(total?.value);
      }
    }),
    { numRuns: 300 },
  );
});
