import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { anySegment, anyWorldAndQueries, type World } from "@trinity/aggregation/world-arbitrary";
import type { EventStore } from "@trinity/storage/event-store";
import { foldNext } from "@trinity/storage/fold-log";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { ask, tryAsking } from "../asking.testing.ts";

// Many worlds and questions: they take their time on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

async function storeOf({ folds }: World): Promise<EventStore> {
  const store = openMemoryStore();
  for (const { chunks, foldedAtMs } of folds) {
    for (const { receivedAtMs, events } of chunks) {
      const keyed = events.map((event) => ({ key: Buffer.from(event.eventId.padEnd(16)), event }));
      await store.append({ receivedAtMs, rejections: [], events: keyed });
    }
    while ((await foldNext(store, foldedAtMs)) > 0);
  }
  return store;
}

/** Those that differ from a query in one thing: much that they count is the same. */
function relativesOf(query: MetricQuery): readonly MetricQuery[] {
  return [
    { ...query, statistic: "mean" },
    { ...query, statistic: "p50" },
    { ...query, statistic: "p95" },
    { ...query, granularity: "total" },
    { ...query, windowDays: query.windowDays === 7 ? 1 : 7 },
    { ...query, by: [] },
    { ...query, filters: [] },
    { ...query, timeZone: query.timeZone === "UTC" ? "Asia/Kolkata" : "UTC" },
    { ...query, toMs: query.toMs + 60_000 },
  ];
}

const anyCase = fc.record({ asked: anyWorldAndQueries, part: fc.nat(7), segment: fc.option(anySegment), mixing: fc.nat(1_000) });

test("the numbers of a page are what each of them is alone, however much they share", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ asked: { world, queries }, part, segment, mixing }) => {
      const store = await storeOf(world);
      const some = queries.filter(({ metric }, i) => i % 8 === part || metric === "session_duration").flatMap(relativesOf);
      const ofSegment = segment === null ? [] : some.map((query) => ({ ...query, segment }));
      const alone: (readonly [MetricQuery, unknown])[] = [];
      for (const query of [...some, ...ofSegment]) {
        const answer = await tryAsking(store, { kind: "metric", ...query }, world.asOfMs);
        if (answer.ok) alone.push([query, answer.value.data.answer]);
      }
      // The first of those that share is counted for all.
      const mixed = alone.toSorted(([a], [b]) => ((a.fromMs ^ mixing) % 7) - ((b.fromMs ^ mixing) % 7) || (mixing % 2 === 0 ? 1 : -1));
      const { data } = await ask(store, { kind: "metrics", queries: mixed.map(([query]) => query) }, world.asOfMs);
      expect(data).toEqual(mixed.map(([, answer]) => answer));
      compared += data.length;
    }),
    { numRuns: 100, endOnFailure: true },
  );
  expect(compared).toBeGreaterThan(1_000);
});

test("an overview shows the totals of the period before that the number alone has beside it", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ asked: { world, queries }, part }) => {
      const store = await storeOf(world);
      for (const query of queries.filter((_, i) => i % 8 === part)) {
        const { segment: _, ...asked } = query;
        const alone = await tryAsking(store, { kind: "metric", ...asked, compare: "previous" }, world.asOfMs);
        if (!alone.ok) continue;
        const { answer, previous } = alone.value.data;
        const { fromMs: _from, toMs: _to, ...number } = asked;
        const { data } = await ask(store, { kind: "overview", scope: asked, numbers: { it: number } }, world.asOfMs);
        expect(data.metrics[0]).toMatchObject({ totals: answer.totals, previous: previous?.totals ?? null });
        expect(data.metrics[0]?.series ?? answer.series).toEqual(answer.series);
        compared += 1;
      }
    }),
    { numRuns: 100, endOnFailure: true },
  );
  expect(compared).toBeGreaterThan(300);
});
