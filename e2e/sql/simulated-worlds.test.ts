import type { MetricAnswer } from "@trinity/aggregation/answer";
import { FoldedWorld } from "@trinity/aggregation/folded-world";
import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { askMetric } from "@trinity/query/asking";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { type SeededChoice, seededChoice } from "@trinity/testing/seeded-random";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerDifferences, textOf } from "./answer-differences.ts";
import type { Cut } from "./buckets.ts";
import { deliver, shuffledBatches } from "./delivered-world.ts";
import { questionsAbout } from "./every-question.ts";
import { knownValues } from "./known-values.ts";
import type { RawWorld } from "./raw-events.ts";
import { simulatedEvents } from "./simulated-log.ts";
import { openSqlOracle, type SqlOracle } from "./sql-oracle.ts";

/** Enough for some hundred questions on a busy machine. */
const withinMs = 120_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Days on which clocks change somewhere, months and years turn, or nothing happens. */
const beginnings = ["2026-10-23", "2024-02-27", "2018-11-02", "2025-12-30", "2026-04-03", "2026-06-10"];
const worlds = Array.from({ length: 10 }, (_, i) => ({ seed: i + 1, from: beginnings[i % beginnings.length] as string }));

function cutsOf(fromMs: number): readonly [Cut, ...Cut[]] {
  const toMs = fromMs + 6 * dayMs;
  const oddMs = fromMs + 17 * hourMs + 61_001;
  return [
    { granularity: "day", timeZone: "UTC", fromMs, toMs },
    { granularity: "day", timeZone: "Europe/Madrid", fromMs, toMs },
    { granularity: "day", timeZone: "Asia/Kolkata", fromMs: oddMs, toMs: oddMs + 3 * dayMs },
    { granularity: "day", timeZone: "Atlantic/Azores", fromMs: fromMs - dayMs, toMs },
    { granularity: "hour", timeZone: "America/Sao_Paulo", fromMs: fromMs + dayMs, toMs: fromMs + 3 * dayMs },
    { granularity: "minute", timeZone: "UTC", fromMs: fromMs + 42 * hourMs, toMs: fromMs + 46 * hourMs },
    { granularity: "week", timeZone: "Australia/Lord_Howe", fromMs: fromMs - 9 * dayMs, toMs },
    { granularity: "month", timeZone: "Europe/Madrid", fromMs: oddMs - 20 * dayMs, toMs },
    { granularity: "total", timeZone: "UTC", fromMs, toMs },
    { granularity: "total", timeZone: "Asia/Kolkata", fromMs: oddMs, toMs: oddMs + 2 * dayMs },
  ];
}

describe.for(worlds)("the days of a village from $from (seed $seed)", { timeout: withinMs }, ({ seed, from }) => {
  const fromMs = Date.parse(from);
  // The present is in the middle: rooms without an ending are still open, or abandoned.
  const nowMs = fromMs + 4 * dayMs + 12 * hourMs + 30_000;
  const random = seededChoice(seed);
  const store = openMemoryStore();
  let oracle: SqlOracle;
  let world: RawWorld;
  let questions: readonly MetricQuery[];

  beforeAll(async () => {
    oracle = await openSqlOracle();
    const events = simulatedEvents({ seed, fromMs, toMs: fromMs + 4 * dayMs }, random);
    world = await deliver(store, shuffledBatches(events, fromMs, random), random);
    await oracle.load(world);
    const cuts = cutsOf(fromMs);
    const valuesOf = await knownValues(oracle, cuts[0], nowMs);
    questions = metricCatalogue.flatMap((metric) => questionsAbout(metric, cuts, valuesOf, random));
  }, withinMs);
  afterAll(() => oracle?.close());

  async function disagreements(asked: readonly MetricQuery[], answer: (query: MetricQuery) => Promise<MetricAnswer>) {
    const found: string[] = [];
    for (const query of asked) {
      const differences = answerDifferences(await answer(query), query, await oracle.answer(query, nowMs));
      if (differences.length > 0) found.push([textOf(query), ...differences.slice(0, 5)].join("\n  "));
    }
    return found;
  }

  test("shuffled, repeated, and folded in uneven steps, it gives the answers of SQL over the raw events", async () => {
    expect(await disagreements(questions, (query) => askMetric(store, query, nowMs))).toEqual([]);
  });

  test("once some people's events are removed, it gives the answers of SQL over the remaining events", async () => {
    const folded = new FoldedWorld();
    for (const [foldedAtMs, alike] of Map.groupBy(world.chunks, (one) => one.foldedAtMs))
      folded.fold(
        alike.map(({ chunk }) => chunk),
        foldedAtMs,
      );
    const erased = someUsers(world, random);
    const isErased = ({ userId }: { readonly userId: string | null }) => userId !== null && erased.has(userId);
    folded.unfold(folded.events.filter(isErased));
    const remaining = world.chunks.map(({ chunk, foldedAtMs }) => ({
      chunk: { ...chunk, events: chunk.events.filter((event) => !isErased(event)) },
      foldedAtMs,
    }));
    // Remove them from the log too: some answers are read from there.
    folded.chunks.splice(0, folded.chunks.length, ...remaining.map(({ chunk }) => chunk));
    await oracle.load({ chunks: remaining });
    // The lag of removed events still counts.
    const asked = questions.filter(
      ({ metric, segment }, i) => i % 4 === seed % 4 && metric !== "ingest_freshness" && segment === undefined,
    );
    expect(await disagreements(asked, async (query) => folded.answer(query, nowMs))).toEqual([]);
  });
});

function someUsers({ chunks }: RawWorld, random: SeededChoice): ReadonlySet<string> {
  const users = [...new Set(chunks.flatMap(({ chunk }) => chunk.events.flatMap(({ userId }) => userId ?? [])))];
  return new Set([random.pick(users), random.pick(users), random.pick(users)]);
}
