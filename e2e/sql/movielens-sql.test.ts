import type { DimensionName } from "@trinity/aggregation/dimension";
import { dimensionsOfMetric, type Metric } from "@trinity/aggregation/metric";
import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import type { Pseudonym, StoredEvent } from "@trinity/events/event";
import { ask } from "@trinity/query/asking";
import type { EventStore } from "@trinity/storage/event-store";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { seededChoice } from "@trinity/testing/seeded-random";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SentEvent } from "../event-sender.ts";
import { hasMovieLens, openMovieLens } from "../movielens.ts";
import { answerDifferences, textOf } from "./answer-differences.ts";
import type { Cut } from "./buckets.ts";
import { deliver, inBatches } from "./delivered-world.ts";
import { openSqlOracle, type SqlOracle } from "./sql-oracle.ts";

const present = hasMovieLens();
const missing = "skipped: ../shared/data/movielens-latest-small is missing";
if (!present) console.warn(missing);

const seed = 20_181_126;
const nowMs = Date.parse("2018-10-01");
const workWithinMs = 120_000;

const whole = { fromMs: Date.parse("1996-03-29"), toMs: Date.parse("2018-09-25") };
const oddYears = { fromMs: Date.parse("1999-12-31T23:59:30Z"), toMs: Date.parse("2005-06-15T10:00:15Z") };
const cuts: readonly Cut[] = [
  { ...whole, granularity: "total", timeZone: "UTC" },
  { ...whole, granularity: "month", timeZone: "UTC" },
  { ...whole, granularity: "day", timeZone: "UTC" },
  { ...oddYears, granularity: "month", timeZone: "America/Sao_Paulo" },
  { ...oddYears, granularity: "total", timeZone: "Asia/Kolkata" },
];
const dimensions: readonly DimensionName[] = ["genre", "contentId", "hourOfDay", "weekday", "outcome"];

/** The metrics that votes count in; all others are empty here. */
const fedByVotes = new Set(
  `events active_users new_users returning_users resurrected_users dormant_users stickiness votes_per_user
  sessions session_duration actions_per_session bounce_rate concurrent_sessions
  votes positive_rate new_titles ingested_events ingest_freshness`.split(/\s+/),
);

function questionsAbout(metric: Metric): readonly MetricQuery[] {
  const known = dimensionsOfMetric(metric);
  const asked = { metric: metric.name, by: [], filters: [], statistic: "p90", windowDays: 1 } as const;
  const inTotal = { ...(cuts[0] as Cut), ...asked };
  const byMonth = { ...(cuts[1] as Cut), ...asked };
  const by = dimensions.filter((name) => known.includes(name));
  const windows = metric.name === "active_users" ? ([7, 30] as const) : [];
  return [
    ...cuts.map((cut) => ({ ...cut, ...asked })),
    { ...inTotal, statistic: "mean" },
    ...windows.map((windowDays) => ({ ...(cuts[2] as Cut), ...asked, windowDays })),
    ...by.map((name) => ({ ...inTotal, by: [name] })),
    ...by.filter((name) => name === "genre" || name === "weekday").map((name) => ({ ...byMonth, by: [name] })),
    ...(by.includes("genre") && by.includes("contentId") ? [{ ...inTotal, by: ["genre", "contentId"] as const }] : []),
    ...(by.includes("genre")
      ? [{ ...byMonth, filters: [{ dimension: "genre", values: ["comedy", "drama"], negated: true }] as const }]
      : []),
  ];
}

describe.skipIf(!present)(`the votes of MovieLens, folded${present ? "" : `, ${missing}`}`, () => {
  let oracle: SqlOracle;
  let store: EventStore;

  beforeAll(async () => {
    const data = await openMovieLens();
    const votes = (await data.votes()).map(storedOf);
    data.close();
    oracle = await openSqlOracle();
    store = openMemoryStore();
    const random = seededChoice(seed);
    await oracle.load(await deliver(store, inBatches(votes, whole.toMs, 4_000), random));
  }, workWithinMs);

  afterAll(() => oracle?.close());

  for (const metric of metricCatalogue.filter(({ name }) => fedByVotes.has(name))) {
    test(`${metric.name} equals the result of SQL over the raw votes, by month, by day, in total and by its dimensions`, {
      timeout: workWithinMs,
    }, async () => {
      const found: string[] = [];
      for (const query of questionsAbout(metric)) {
        const { data: answered, freshness } = await ask(store, { kind: "metric", ...query }, nowMs);
        const differences = answerDifferences(answered.answer, query, await oracle.answer(query, freshness.asOfMs));
        if (differences.length > 0) found.push([textOf(query), ...differences.slice(0, 5)].join("\n  "));
      }
      expect(found).toEqual([]);
    });
  }
});

const nowhere = { roomId: null, sessionId: null, context: {}, receivedAtMs: whole.toMs };

function storedOf({ eventId, eventType, timestamp, userId, properties, source }: SentEvent): StoredEvent {
  const said = { properties, source } as Pick<StoredEvent, "properties" | "source">;
  return { ...nowhere, ...said, eventId, eventType, timestampMs: timestamp, userId: userId as Pseudonym };
}
