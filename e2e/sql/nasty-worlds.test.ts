import { FoldedWorld } from "@trinity/aggregation/folded-world";
import { anyWorldAndQueries } from "@trinity/aggregation/world-arbitrary";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerDifferences, textOf } from "./answer-differences.ts";
import { openSqlOracle, type SqlOracle } from "./sql-oracle.ts";

let oracle: SqlOracle;

beforeAll(async () => {
  oracle = await openSqlOracle();
});
afterAll(() => oracle.close());

test("Feature: analytics-system, Property 2: metrics aggregation consistency - every answer is what SQL says of the raw events of any small nasty world", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(anyWorldAndQueries, async ({ world: { folds, asOfMs }, queries }) => {
      const folded = new FoldedWorld();
      for (const { chunks, foldedAtMs } of folds) folded.fold(chunks, foldedAtMs);
      await oracle.load({ chunks: folds.flatMap(({ chunks, foldedAtMs }) => chunks.map((chunk) => ({ chunk, foldedAtMs }))) });
      for (const query of queries) {
        const differences = answerDifferences(folded.answer(query, asOfMs), query, await oracle.answer(query, asOfMs));
        expect(differences, textOf(query)).toEqual([]);
      }
    }),
    { numRuns: 100 },
  );
});
