import { question } from "@trinity/aggregation/folded-world";
import { type Metric, measuresOfMetric } from "@trinity/aggregation/metric";
import { findMetric } from "@trinity/aggregation/metric-catalogue";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import type { Row } from "@trinity/aggregation/row";
import { type RatioSide, ratioSides } from "@trinity/aggregation/rows-of-number";
import { anyWorldAndQueries, type World } from "@trinity/aggregation/world-arbitrary";
import type { EventStore } from "@trinity/storage/event-store";
import { foldNext } from "@trinity/storage/fold-log";
import { anEvent } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { expect, test } from "vitest";
import { askMetric } from "../asking.testing.ts";
import { readMoment } from "../reads/moment.ts";
import { comparePlaces } from "../reads/row-page.ts";
import { type RowsQuestion, rows } from "./rows.ts";

async function storeOf({ folds }: World): Promise<EventStore> {
  const store = openMemoryStore();
  for (const { chunks, foldedAtMs } of folds) {
    for (const { receivedAtMs, receipts, events } of chunks) {
      const refused = receipts.filter(({ outcome }) => outcome === "rejected");
      await store.append({
        receivedAtMs,
        events: events.map((event) => ({ key: Buffer.from(event.eventId.padEnd(16)), event })),
        rejections: refused.map(({ source, reason }) => ({ key: null, source, code: reason ?? "unknown_type" })),
      });
    }
    while ((await foldNext(store, foldedAtMs)) > 0);
  }
  return store;
}

/** @returns a page of rows as it is read, with their places, and as it is shown */
async function readPage(store: EventStore, asked: RowsQuestion, nowMs: number) {
  const moment = await readMoment(store, nowMs);
  const plan = rows.plan(asked, moment);
  if (!plan.ok) throw new Error(`${plan.error.path} ${plan.error.message}`);
  const read = await rows.read(plan.value, { store, readLogCheck: async () => null, moment });
  if (read === "outdated") throw new Error(read);
  const data = rows.compute(plan.value, read.facts, moment);
  if (!data.ok) throw new Error(data.error.kind);
  return { rows: read.facts.page.rows, make: read.facts.make, shown: data.value };
}

async function allPages(store: EventStore, query: MetricQuery, side: RatioSide | null, limit: number, nowMs: number) {
  const pages: Awaited<ReturnType<typeof readPage>>[] = [];
  for (let cursor: string | null = null; ; ) {
    const { granularity: _, by: __, ...asked } = query;
    const page = await readPage(store, { ...asked, side, limit, cursor }, nowMs);
    pages.push(page);
    cursor = page.shown.nextCursor;
    if (cursor === null) return pages;
    expect(page.rows).toHaveLength(limit);
    expect(pages.length * limit).toBeLessThan(page.shown.total);
  }
}

const anySegment = fc.option(fc.constant({ kind: "attribute", attribute: "platform", values: ["android", "unknown"] } as const), {
  freq: 4,
  nil: undefined,
});

test("whatever is asked, the rows behind a number are as many, or come to as much, as the number that the metric answers; pages repeat and leave out none", {
  timeout: 120_000,
}, async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(anyWorldAndQueries, fc.integer({ min: 1, max: 9 }), anySegment, async ({ world, queries }, limit, segment) => {
      const store = await storeOf(world);
      for (const asked of queries) {
        const metric = findMetric(asked.metric) as Metric;
        const isAboutUsers = measuresOfMetric(metric).every(({ perUser }) => perUser);
        const among = isAboutUsers && segment !== undefined ? { segment } : {};
        const query: MetricQuery = { ...asked, ...among, by: [], granularity: "total", statistic: "mean" };
        const isRatio = metric.calculation.emptyValue.numerator !== undefined;
        const answer = await askMetric(store, query, world.asOfMs);
        const [{ by: _, ...number } = { by: {}, value: null }] = answer.totals;
        for (const side of isRatio ? [null, ...ratioSides] : [null]) {
          const pages = await allPages(store, query, side, limit, world.asOfMs);
          const [{ make, shown }] = pages as [(typeof pages)[number]];
          const { total, sum, rowsAre } = shown;
          const found = pages.flatMap((page) => page.rows);
          const { metric: name } = query;
          const { unit, field, madeBy, minute: _minute, ...shownNumber } = shown.number;
          expect({ name, number: shownNumber }).toEqual({ name, number });
          expect({ name, unit, field, madeBy }).toEqual({ name, unit: metric.unit, field: make.field, madeBy: make.by });
          expect({ name, side, made: make.by === "total" ? total : sum }).toEqual({ name, side, made: number[make.field] });
          expect(found).toHaveLength(total);
          expect(found.filter(({ amount }) => !(amount > 0))).toEqual([]);
          expect(found.reduce((all, { amount }) => all + amount, 0)).toBe(sum);
          expect(found.filter(({ place }, i) => i > 0 && comparePlaces((found[i - 1] as Row).place, place) >= 0)).toEqual([]);
          if (total > 0) seen.add(rowsAre);
        }
      }
    }),
    { numRuns: 200 },
  );
  expect([...seen].sort()).toEqual(["ballots", "events", "observations", "receipts", "rooms", "sessions", "titles", "userDays", "users"]);
});

test("of a number that is made of events, of observations made of states and of growth, each page continues where the one before ended", async () => {
  const atMs = Date.UTC(2026, 10, 21, 10);
  let ids = 0;
  const point = (minute: number, properties: Readonly<Record<string, unknown>>) =>
    anEvent(`point-${ids++}`, {
      timestampMs: atMs + minute * 60_000,
      eventType: "metric_point",
      properties: { service: "shop", ...properties },
    });
  const cpu = (minute: number, state: string, value: number) =>
    point(minute, { metric: "process.cpu.utilization", series: "cpu", state, value });
  const gc = (minute: number, count: number) =>
    point(minute, { metric: "v8js.gc.duration", series: "gc", startMs: atMs, count, sum: count });
  const events = [
    ...[0, 1].map((minute) => point(minute, { metric: "process.memory.usage", value: 1_048_576 })),
    ...[0, 1].flatMap((minute) => [cpu(minute, "user", 0.5), cpu(minute, "system", 0.25), cpu(minute, "wait", 0.25)]),
    ...[1, 2, 3, 4].map((minute) => gc(minute, 2 * minute)),
  ];
  const store = openMemoryStore();
  for (const half of [events.slice(0, 5), events.slice(5)]) {
    await store.append({
      receivedAtMs: atMs,
      events: half.map((event) => ({ key: Buffer.from(event.eventId.padEnd(16)), event })),
      rejections: [],
    });
  }
  while ((await foldNext(store, atMs)) > 0);
  const query = question({ metric: "resource_usage", fromMs: atMs, toMs: atMs + 3_600_000 });
  for (const limit of [1, 2, 3, 20]) {
    const pages = await allPages(store, query, null, limit, atMs + 3_600_000);
    expect(pages[0]?.shown).toMatchObject({ rowsAre: "observations", total: 8, sum: 12, number: { count: 12 } });
    const found = pages.flatMap((page) => page.rows);
    expect(found.map(({ amount, value }) => [amount, value])).toEqual([
      [1, 1],
      [1, 1],
      [1, 0.75],
      [1, 0.75],
      [2, 1],
      [2, 1],
      [2, 1],
      [2, 1],
    ]);
    expect(found.filter(({ event }) => event !== null)).toHaveLength(2);
    expect(pages.flatMap(({ shown }) => shown.events)).toHaveLength(2);
  }
});
