import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { answerOf } from "./answer.ts";
import { answerMismatches } from "./answer-mismatches.testing.ts";
import { FoldedWorld } from "./folded-world.testing.ts";
import { expectedAnswer } from "./metric-oracle.testing.ts";
import type { OracleWorld } from "./oracle-facts.testing.ts";
import { readsLog } from "./sub-query.ts";
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
      for (const query of queries) {
        const expected = expectedAnswer(oracleWorldOf(world), query);
        for (const source of ["planned", "without minutes"] as const)
          expect(answerMismatches(cells.answer(query, world.asOfMs, source), query, expected)).toEqual([]);
      }
    }),
    { numRuns: 150 },
  );
});

test("Feature: analytics-system, Property 2: metrics aggregation consistency - every answer from rollups, or from rollups and the log, equals the answer recomputed from the log", () => {
  const answered = { "from rollups": 0, "from both": 0, "from the log": 0 };
  fc.assert(
    fc.property(anyWorldAndQuery, ({ world, query }) => {
      const cells = folded(world);
      const fromLog = cells.answer(query, world.asOfMs, "log");
      for (const source of ["planned", "without minutes"] as const) {
        const { plan, accumulators } = cells.accumulator(query, world.asOfMs, source);
        const isMixed = plan.subQueries.some((subQuery) => subQuery.source.kind === "rollups" && readsLog(subQuery));
        answered[plan.source === "rollups" ? "from rollups" : isMixed ? "from both" : "from the log"] += 1;
        expect(answerOf(plan, accumulators)).toEqual(fromLog);
      }
    }),
    { numRuns: 1_000 },
  );
  // The property is only meaningful if all sources are used often.
  expect(Math.min(...Object.values(answered))).toBeGreaterThan(100);
});
