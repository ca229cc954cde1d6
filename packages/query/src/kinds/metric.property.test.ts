import type { MetricAnswer } from "@trinity/aggregation/answer";
import { answerMismatches } from "@trinity/aggregation/answer-mismatches";
import type { IngestCount, LogChunk } from "@trinity/aggregation/log-chunk";
import { type Metric, measuresOfMetric } from "@trinity/aggregation/metric";
import { findMetric } from "@trinity/aggregation/metric-catalogue";
import { expectedAnswer } from "@trinity/aggregation/metric-oracle";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { readsLog } from "@trinity/aggregation/sub-query";
import { anySegment, anyWorldAndEntityQueries, anyWorldAndQueries, type World } from "@trinity/aggregation/world-arbitrary";
import type { StoredEvent } from "@trinity/events/event";
import { unwrap } from "@trinity/runtime/result";
import type { EventStore, Rejection } from "@trinity/storage/event-store";
import { foldNext } from "@trinity/storage/fold-log";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { ask } from "../asking.testing.ts";
import { readMoment } from "../reads/moment.ts";
import { metricAnswers, planMetrics, readMetrics } from "../reads/read-metrics.ts";

// Many worlds and questions: they take their time on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

type Batch = { readonly receivedAtMs: number; readonly events: readonly StoredEvent[]; readonly refusals: readonly Rejection[] };
type Delivery = { readonly batches: readonly Batch[]; readonly foldedAtMs: number };

const anyRefusals = fc
  .array(fc.constantFrom("app", "lambda"), { maxLength: 2 })
  .map((sources) => sources.map((source) => ({ key: null, source, code: "unknown_type" })));
const anyTrouble = fc.array(fc.record({ repeats: fc.array(fc.nat(39), { maxLength: 3 }), refusals: anyRefusals }), {
  minLength: 10,
  maxLength: 10,
});

/** The chunks of a world as senders deliver them: some events again, sooner or later, and some that are refused. */
function delivered(
  { folds }: World,
  events: readonly StoredEvent[],
  trouble: readonly { repeats: readonly number[]; refusals: Rejection[] }[],
): readonly Delivery[] {
  return folds.map(({ chunks, foldedAtMs }) => ({
    foldedAtMs,
    batches: chunks.map((chunk) => {
      const { repeats = [], refusals = [] } = trouble[chunk.seq - 1] ?? {};
      const again = repeats.flatMap((index) => events[index] ?? []);
      return { receivedAtMs: chunk.receivedAtMs, events: [...again, ...chunk.events], refusals };
    }),
  }));
}

/** The log that deliveries make, by hand: each event the first time it comes, and a line in the books for everything. */
function expectedChunks(deliveries: readonly Delivery[]): readonly { readonly chunk: LogChunk; readonly foldedAtMs: number }[] {
  const known = new Set<string>();
  const chunks: { chunk: LogChunk; foldedAtMs: number }[] = [];
  for (const { batches, foldedAtMs } of deliveries) {
    for (const { receivedAtMs, events, refusals } of batches) {
      if (events.length + refusals.length === 0) continue;
      const isNew = events.map(({ eventId }) => !known.has(eventId) && known.add(eventId) !== undefined);
      const line = (source: string, outcome: IngestCount["outcome"], reason: string | null = null) => ({
        source,
        outcome,
        reason,
        count: 1,
      });
      const receipts = [
        ...events.map(({ source }, i) => line(source.system, isNew[i] === true ? "accepted" : "duplicate")),
        ...refusals.map(({ source, code }) => line(source, "rejected", code)),
      ];
      chunks.push({ foldedAtMs, chunk: { seq: chunks.length + 1, receivedAtMs, receipts, events: events.filter((_, i) => isNew[i]) } });
    }
  }
  return chunks;
}

function isAboutUsers({ metric }: MetricQuery): boolean {
  return measuresOfMetric(findMetric(metric) as Metric).every(({ perUser }) => perUser);
}

/** @returns the answer without any cell; null for a question that is not read from cells and the log */
async function answerFromLog(store: EventStore, query: MetricQuery, nowMs: number): Promise<MetricAnswer | null> {
  const moment = await readMoment(store, nowMs);
  const plans = unwrap(planMetrics([query], moment));
  if (!plans.some(({ subQueries }) => subQueries.some((one) => one.source.kind === "rollups" && readsLog(one)))) return null;
  const fromLog = plans.map((plan) => ({
    ...plan,
    subQueries: plan.subQueries.map((subQuery) => ({ ...subQuery, source: { kind: "log" } as const })),
  }));
  const read = await readMetrics(fromLog, { store, moment, readLogCheck: async () => null });
  return read === "outdated" ? null : (metricAnswers(fromLog, read.facts)[0] ?? null);
}

/** Reads a chunk at a time, so that events of one entity are in several pages. */
function inSmallPages(store: EventStore): EventStore {
  return { ...store, readChunksInRanges: (ranges) => store.readChunksInRanges(ranges, 1) };
}

const keyOf = (eventId: string) => Buffer.from(eventId.padEnd(16));

test("Feature: analytics-system, Property 2: metrics aggregation consistency - whatever is delivered, repeated, refused and folded in whatever steps, every answer is what the definition of its metric says of the folded log", async () => {
  const anyCase = fc.record({
    asked: anyWorldAndQueries,
    trouble: anyTrouble,
    segment: fc.option(anySegment),
    eventsMax: fc.integer({ min: 1, max: 30 }),
    caughtUp: fc.boolean(),
  });
  let mixed = 0;
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ asked: { world, queries }, trouble, segment, eventsMax, caughtUp }) => {
      const store = openMemoryStore();
      const deliveries = delivered(world, world.events, trouble);
      for (const [i, { batches, foldedAtMs }] of deliveries.entries()) {
        for (const { receivedAtMs, events, refusals } of batches)
          await store.append({ receivedAtMs, rejections: refusals, events: events.map((event) => ({ key: keyOf(event.eventId), event })) });
        if (!caughtUp && i === deliveries.length - 1) await foldNext(store, foldedAtMs, eventsMax);
        else while ((await foldNext(store, foldedAtMs, eventsMax)) > 0);
      }
      const { seq } = await store.readWatermark();
      const chunks = expectedChunks(deliveries).slice(0, seq);
      for (const asked of queries) {
        const query = segment !== null && isAboutUsers(asked) ? { ...asked, segment } : asked;
        if (query.timeZone !== "UTC" && findMetric(query.metric)?.calculation.parameter === "windowDays" && query.windowDays > 1) continue;
        const { data, freshness } = await ask(store, { kind: "metric", ...query }, world.asOfMs);
        expect(answerMismatches(data.answer, query, expectedAnswer({ chunks, ...freshness }, query))).toEqual([]);
        const fromLog = await answerFromLog(store, query, world.asOfMs);
        if (fromLog === null) continue;
        mixed += 1;
        expect(data.answer).toEqual(fromLog);
      }
    }),
    { numRuns: 100 },
  );
  expect(mixed).toBeGreaterThan(300);
});

test("Feature: analytics-system, Property 2: metrics aggregation consistency - of entities of every kind, cells and gaps give the answer that the entities alone give", async () => {
  const mixed = new Map<string, number>();
  const anyCase = fc.record({
    asked: anyWorldAndEntityQueries,
    // Few sets have the dimensions of any query, and none has users of a segment besides sums.
    plain: fc.boolean(),
    segment: fc.option(anySegment),
    shiftMs: fc.nat(60_000),
    eventsMax: fc.integer({ min: 1, max: 30 }),
  });
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ asked: { world, queries }, plain, segment, shiftMs, eventsMax }) => {
      const store = openMemoryStore();
      for (const { chunks, foldedAtMs } of world.folds) {
        for (const { receivedAtMs, events } of chunks)
          await store.append({ receivedAtMs, rejections: [], events: events.map((event) => ({ key: keyOf(event.eventId), event })) });
        while ((await foldNext(store, foldedAtMs, eventsMax)) > 0);
      }
      for (const asked of queries) {
        const odd = { ...asked, fromMs: asked.fromMs + shiftMs, toMs: asked.toMs + shiftMs };
        const ofSegment = segment !== null && isAboutUsers(asked) ? { ...odd, segment } : odd;
        const query = plain ? { ...odd, by: [], filters: [] } : ofSegment;
        const fromLog = await answerFromLog(store, query, world.asOfMs);
        if (fromLog === null) continue;
        mixed.set(query.metric, (mixed.get(query.metric) ?? 0) + 1);
        const { data } = await ask(inSmallPages(store), { kind: "metric", ...query }, world.asOfMs);
        expect(data.answer).toEqual(fromLog);
      }
    }),
    { numRuns: 300, endOnFailure: true },
  );
  for (const metric of ["sessions", "session_duration", "new_users", "new_titles", "resource_usage", "consensus_rate"])
    expect([metric, (mixed.get(metric) ?? 0) > 50]).toEqual([metric, true]);
});
