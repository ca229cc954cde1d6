import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { answerOf } from "./answer.ts";
import { answerMismatches } from "./answer-mismatches.testing.ts";
import { FoldedWorld } from "./folded-world.testing.ts";
import type { OracleWorld } from "./oracle-facts.testing.ts";
import { anyWorldAndQueries, anyWorldAndQuery, type World } from "./world-arbitrary.testing.ts";

// Many worlds and questions take long on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

function folded({ folds }: World): FoldedWorld {
  return folds.reduce((world, { chunks, foldedAtMs }) => world.fold(chunks, foldedAtMs), new FoldedWorld());
}

function oracleWorldOf({ folds, asOfMs }: World): OracleWorld {
  return { asOfMs, chunks: folds.flatMap(({ chunks, foldedAtMs }) => chunks.map((chunk) => ({ chunk, foldedAtMs }))) };
}

test("Feature: analytics-system, Property 2: metrics aggregation consistency - every answer equals the definition of its metric, applied to the events", () => {
  fc.assert(
    fc.property(anyWorldAndQueries, ({ world, queries }) => {
      const cells = folded(world);
      for (const query of queries) expect(answerMismatches(cells.answer(query, world.asOfMs), query, oracleWorldOf(world))).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test("Feature: analytics-system, Property 2: metrics aggregation consistency - every answer from rollups equals the answer recomputed from the log", () => {
  const sources = { rollups: 0, log: 0 };
  fc.assert(
    fc.property(anyWorldAndQuery, ({ world, query }) => {
      const cells = folded(world);
      const { plan, accumulators } = cells.accumulator(query, world.asOfMs);
      sources[plan.source] += 1;
      expect(answerOf(plan, accumulators)).toEqual(cells.answer(query, world.asOfMs, "log"));
    }),
    { numRuns: 1_000 },
  );
  // The property is only meaningful if both sources are used often.
  expect(Math.min(sources.rollups, sources.log)).toBeGreaterThan(100);
});
