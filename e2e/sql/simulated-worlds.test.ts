import { FoldedWorld } from "@trinity/aggregation/folded-world";
import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { answerMetric } from "@trinity/storage/answer-metric";
import { openMemoryStore } from "@trinity/storage/memory-event-store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRandom, type Random } from "../../bench/random.ts";
import { answerDifferences, textOf } from "./answer-differences.ts";
import type { Cut } from "./buckets.ts";
import { deliver, shuffledBatches } from "./delivered-world.ts";
import { questionsAbout } from "./every-question.ts";
import { knownValues } from "./known-values.ts";
import { simulatedEvents } from "./simulated-log.ts";
import { openSqlOracle, type SqlOracle } from "./sql-oracle.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Days on which clocks change somewhere, months and years turn, or nothing happens. */
const beginnings = ["2026-10-23", "2024-02-27", "2018-11-02", "2025-12-30", "2026-04-03", "2026-06-10"];
const worlds = Array.from({ length: 10 }, (_, i) => ({ seed: i + 1, from: beginnings[i % beginnings.length] as string }));

function cutsOf(fromMs: number): readonly Cut[] {
  const toMs = fromMs + 6 * dayMs;
  const oddMs = fromMs + 17 * hourMs + 61_001;
  return [
    { granularity: "day", timeZone: "UTC", fromMs, toMs },
    { granularity: "day", timeZone: "Europe/Madrid", fromMs, toMs },
    { granularity: "day", timeZone: "Asia/Kolkata", fromMs: oddMs, toMs: oddMs + 3 * dayMs },
    { granularity: "day", timeZone: "Atlantic/Azores", fromMs: fromMs - dayMs, toMs },
    { granularity: "hour", timeZone: "America/Sao_Paulo", fromMs: fromMs + dayMs, toMs: fromMs + 3 * dayMs },
    { granularity: "minute", timeZone: "UTC", fromMs: oddMs, toMs: oddMs + 6 * hourMs },
    { granularity: "week", timeZone: "Australia/Lord_Howe", fromMs: fromMs - 9 * dayMs, toMs },
    { granularity: "month", timeZone: "Europe/Madrid", fromMs: oddMs - 20 * dayMs, toMs },
    { granularity: "total", timeZone: "UTC", fromMs, toMs },
    { granularity: "total", timeZone: "Asia/Kolkata", fromMs: oddMs, toMs: oddMs + 2 * dayMs },
  ];
}

describe("the days of a village, shuffled, repeated, and folded in uneven steps", () => {
  let oracle: SqlOracle;

  beforeAll(async () => {
    oracle = await openSqlOracle();
  });
  afterAll(() => oracle.close());

  /** @returns the questions of which the answer is not what SQL says */
  async function disagreements(
    fromMs: number,
    random: Random,
    asOfMs: number,
    answer: (query: MetricQuery) => ReturnType<typeof answerMetric>,
  ): Promise<readonly string[]> {
    const found: string[] = [];
    const valuesOf = await knownValues(oracle, cutsOf(fromMs)[0] as Cut, asOfMs);
    for (const metric of metricCatalogue) {
      for (const query of questionsAbout(metric, cutsOf(fromMs), valuesOf, random)) {
        const answered = await answer(query);
        if ("message" in answered) throw new Error(`${textOf(query)}: ${answered.path} ${answered.message}`);
        const differences = answerDifferences(answered, query, await oracle.answer(query, Date.parse(answered.asOf)));
        if (differences.length > 0) found.push([textOf(query), ...differences.slice(0, 5)].join("\n  "));
      }
    }
    return found;
  }

  for (const { seed, from } of worlds) {
    const fromMs = Date.parse(from);
    const asOfMs = fromMs + 4 * dayMs + 12 * hourMs + 30_000;

    test(`world ${seed} from ${from}: every answer is what SQL says of the raw events`, { timeout: 60_000 }, async () => {
      const random = createRandom(seed);
      const events = simulatedEvents({ seed, fromMs, toMs: fromMs + 4 * dayMs }, random);
      const store = openMemoryStore();
      await oracle.load(await deliver(store, shuffledBatches(events, fromMs, random), random));
      expect(await disagreements(fromMs, random, asOfMs, (query) => answerMetric(store, query, asOfMs))).toEqual([]);
    });
  }
});
