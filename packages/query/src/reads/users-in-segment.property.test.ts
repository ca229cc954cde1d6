import { answerMismatches } from "@trinity/aggregation/answer-mismatches";
import { measuresOfMetric } from "@trinity/aggregation/metric";
import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import { expectedAnswer } from "@trinity/aggregation/metric-oracle";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { anySegment, anyWorldAndQueries, type World } from "@trinity/aggregation/world-arbitrary";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { ask } from "../asking.testing.ts";
import { usersInSegment } from "./users-in-segment.ts";

// Many worlds and questions: they take their time on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const aboutUsers = new Set(
  metricCatalogue.filter((metric) => measuresOfMetric(metric).every(({ perUser }) => perUser)).map(({ name }) => name),
);

async function folded({ folds }: World): Promise<EventStore> {
  const store = openMemoryStore();
  for (const { chunks, foldedAtMs } of folds) {
    for (const { receivedAtMs, events } of chunks)
      await store.append({
        receivedAtMs,
        rejections: [],
        events: events.map((event) => ({ key: Buffer.from(event.eventId.padEnd(16)), event })),
      });
    await foldAll(store, () => foldedAtMs);
  }
  return store;
}

function isDefined({ metric, windowDays, granularity, timeZone }: MetricQuery): boolean {
  return aboutUsers.has(metric) && (metric !== "active_users" || windowDays === 1 || timeZone === "UTC" || granularity === "day");
}

test("Feature: analytics-system, Property 2: metrics aggregation consistency - every metric about users says of a segment what its definition says of the facts of those users", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorldAndQueries, anySegment, async ({ world, queries }, segment) => {
      const store = await folded(world);
      const chunks = world.folds.flatMap((fold) => fold.chunks.map((chunk) => ({ chunk, foldedAtMs: fold.foldedAtMs })));
      for (const asked of queries.filter(isDefined)) {
        const query = { ...asked, segment };
        const { data, freshness } = await ask(store, { kind: "metric", ...query }, world.asOfMs);
        expect(answerMismatches(data.answer, query, expectedAnswer({ chunks, ...freshness }, query))).toEqual([]);
      }
    }),
    { numRuns: 150 },
  );
});

test("Feature: analytics-system, Property 2: metrics aggregation consistency - a segment and its complement share no user and are all users", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorldAndQueries, anySegment, async ({ world }, segment) => {
      const store = await folded(world);
      const of = async (one: typeof segment) => (await usersInSegment(store, { segment: one, toMs: world.asOfMs })).users;
      const [inside, outside] = [await of(segment), await of({ kind: "not", of: segment })];
      const allUsers = await of({ kind: "any", of: [segment, { kind: "not", of: segment }] });
      expect(inside.intersect(outside).size).toBe(0);
      expect(inside.size + outside.size).toBe(allUsers.size);
      expect(allUsers.size).toBe((await store.scanEntities("user", "", 1_000)).length);
    }),
  );
});
