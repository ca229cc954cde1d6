import fc from "fast-check";
import { expect, test } from "vitest";
import { tierMs } from "./bucket.ts";
import { FoldedWorld, question } from "./folded-world.testing.ts";
import { metricCatalogue } from "./metric-catalogue.ts";
import { anyWorld, type World } from "./world-arbitrary.testing.ts";

/** A metric with a number in fewer worlds is hardly tested. */
const worldsMin = 3;

/** @returns whether a metric has a value other than 0 and null on some day of a world */
function hasNumber(folded: FoldedWorld, { aroundMs, asOfMs }: World, metric: string): boolean {
  const days = { fromMs: aroundMs - 3 * tierMs.day, toMs: aroundMs + 7 * tierMs.day, granularity: "day" } as const;
  const { series } = folded.answer(question({ metric, ...days }), asOfMs);
  return series.some(({ points }) => points.some(({ value }) => value !== null && value !== 0));
}

/** @returns the metrics that have a number in fewer than `worldsMin` worlds */
function metricsWithoutNumber(worlds: readonly World[]): readonly string[] {
  const worldsMissing = new Map(metricCatalogue.map(({ name }) => [name, worldsMin]));
  for (const world of worlds) {
    if (worldsMissing.size === 0) break;
    const folded = world.folds.reduce((state, { chunks, foldedAtMs }) => state.fold(chunks, foldedAtMs), new FoldedWorld());
    for (const [metric, missing] of worldsMissing) {
      if (!hasNumber(folded, world, metric)) continue;
      if (missing === 1) worldsMissing.delete(metric);
      else worldsMissing.set(metric, missing - 1);
    }
  }
  return [...worldsMissing.keys()];
}

test("generated worlds have a number for every metric: without one, property tests only compare 0 with 0", () => {
  expect(metricsWithoutNumber(fc.sample(anyWorld, { seed: 1, numRuns: 150 }))).toEqual([]);
});
