import { FoldedWorld } from "@trinity/aggregation/folded-world";
import { measuresOfMetric } from "@trinity/aggregation/metric";
import { findMetric } from "@trinity/aggregation/metric-catalogue";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { anyWorldAndQueries } from "@trinity/aggregation/world-arbitrary";
import { askMetric } from "@trinity/query/asking";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { seededChoice } from "@trinity/testing/seeded-random";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerDifferences, textOf } from "./answer-differences.ts";
import { deliver } from "./delivered-world.ts";
import { anySegmentOf } from "./segment-arbitrary.ts";
import { openSqlOracle, type SqlOracle } from "./sql-oracle.ts";

const withinMs = 180_000;

let oracle: SqlOracle;

beforeAll(async () => {
  oracle = await openSqlOracle();
});
afterAll(() => oracle?.close());

test("Feature: analytics-system, Property 2: metrics aggregation consistency - every answer equals SQL over the raw events, for any small world of edge cases", {
  timeout: withinMs,
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

test("Feature: analytics-system, Property 2: metrics aggregation consistency - every answer about a segment equals SQL over the raw events of its users", {
  timeout: withinMs,
}, async () => {
  const values = { platform: ["android", "ios", "unknown"], locale: ["es-ES", "unknown"], favouriteGenre: ["comedy", "drama", "unknown"] };
  const anySegment = anySegmentOf((attribute) => ({ ...values, deviceType: ["phone"], ageBand: ["18-24"] })[attribute]);
  await fc.assert(
    fc.asyncProperty(anyWorldAndQueries, anySegment, fc.nat(), async ({ world, queries }, segment, seed) => {
      const store = openMemoryStore();
      const batches = world.folds.flatMap(({ chunks }) => chunks.map((chunk) => ({ ...chunk, refusals: [] })));
      const delivered = batches.filter(({ events }) => events.length > 0);
      await oracle.load(await deliver(store, delivered, seededChoice(seed)));
      for (const query of queries.filter(isOfUsers).map((asked) => ({ ...asked, segment }))) {
        const answer = await askMetric(store, query, world.asOfMs);
        expect(answerDifferences(answer, query, await oracle.answer(query, world.asOfMs)), textOf(query)).toEqual([]);
      }
    }),
    { numRuns: 100 },
  );
});

function isOfUsers({ metric: name }: MetricQuery): boolean {
  const metric = findMetric(name);
  return metric !== undefined && measuresOfMetric(metric).every(({ perUser }) => perUser);
}
