import type { MetricAnswer } from "@trinity/aggregation/answer";
import { findMetric } from "@trinity/aggregation/metric-catalogue";
import { roomDimensions } from "@trinity/aggregation/room-scope";
import { anyWorld } from "@trinity/aggregation/world-arbitrary";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { keyOf } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ask } from "./asking.testing.ts";
import { type Asked, metricQueries, type QuestionScope } from "./reads/read-metrics.ts";

const dayMs = 86_400_000;

/** A store of a small nasty world, a range and filters that rooms can be asked for, and a present on either side of most ends. */
const anyCase = fc
  .record({
    world: anyWorld,
    fromDays: fc.integer({ min: -2, max: 1 }),
    days: fc.integer({ min: 1, max: 4 }),
    nowDays: fc.constantFrom(0, 1, 2, 5),
    filters: fc.constantFrom<QuestionScope["filters"]>(
      [],
      [],
      [{ dimension: "genre", values: ["comedy"], negated: false }],
      [{ dimension: "mediaType", values: ["movie", "unknown"], negated: true }],
    ),
    timeZone: fc.constantFrom("UTC", "Asia/Kolkata"),
  })
  .map(({ world: { events, aroundMs }, fromDays, days, nowDays, filters, timeZone }) => {
    const fromMs = aroundMs + fromDays * dayMs;
    return { events, aroundMs, nowMs: aroundMs + nowDays * dayMs, scope: { fromMs, toMs: fromMs + days * dayMs, filters, timeZone } };
  });

async function storeOf({ events, aroundMs }: { readonly events: Parameters<typeof keyedOf>[0]; readonly aroundMs: number }) {
  const store = openMemoryStore();
  await store.append({ receivedAtMs: aroundMs, events: keyedOf(events), rejections: [] });
  await foldAll(store, () => aroundMs);
  return store;
}

function keyedOf(events: readonly Parameters<EventStore["append"]>[0]["events"][number]["event"][]) {
  return events.map((event) => ({ key: keyOf(event.eventId), event }));
}

async function totalsOf(store: EventStore, scope: QuestionScope, asked: Asked, nowMs: number): Promise<MetricAnswer["totals"]> {
  const { data } = await ask(store, { kind: "metrics", queries: metricQueries(scope, [asked]) }, nowMs);
  return (data[0] as MetricAnswer).totals;
}

async function countOf(store: EventStore, scope: QuestionScope, metric: string, nowMs: number): Promise<number> {
  const [total] = await totalsOf(store, scope, { metric }, nowMs);
  return total?.value ?? 0;
}

test("a room's curves hold the rooms that started, and by seats and media type each of them once", async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ scope, nowMs, ...world }) => {
      const store = await storeOf(world);
      const started = await countOf(store, scope, "rooms_started", nowMs);
      for (const by of [null, "seats", "mediaType"] as const) {
        const { curves } = (await ask(store, { kind: "roomSurvival", scope, by }, nowMs)).data;
        expect(curves.reduce((sum, { rooms }) => sum + rooms, 0)).toBe(started);
        for (const { rooms, matched, points } of curves) {
          expect(matched).toBeLessThanOrEqual(rooms);
          expect(points.reduce((sum, { events }) => sum + events, 0)).toBe(matched);
        }
      }
    }),
    { numRuns: 100 },
  );
});

test("the funnel of rooms never rises, its first step is rooms_created, and no step in order has more rooms than in any order", async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ scope, nowMs, ...world }) => {
      const store = await storeOf(world);
      const { funnel, metrics } = (await ask(store, { kind: "roomPerformance", scope }, nowMs)).data;
      const rooms = funnel.steps.map((step) => step.rooms);
      expect(rooms[0]).toBe(await countOf(store, scope, "rooms_created", nowMs));
      expect(metrics.find(({ name }) => name === "rooms_created")?.totals[0]?.value).toBe(rooms[0]);
      for (const [i, step] of funnel.steps.entries()) {
        expect(step.rooms).toBeLessThanOrEqual(rooms[i - 1] ?? step.rooms);
        expect(step.rooms).toBeLessThanOrEqual(step.roomsInAnyOrder);
        expect(step.roomsInAnyOrder).toBeLessThanOrEqual(rooms[0] ?? 0);
      }
    }),
    { numRuns: 100 },
  );
});

test("patterns and advice rest on the rooms that rooms_ended counts, by ending", async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ scope, nowMs, ...world }) => {
      const store = await storeOf(world);
      const endings = new Map(
        (await totalsOf(store, scope, { metric: "rooms_ended", by: ["ending"] }, nowMs)).map(({ by, value }) => [by["ending"], value]),
      );
      const all = await countOf(store, scope, "rooms_ended", nowMs);
      const { ended, abandoned, leftOut } = (await ask(store, { kind: "roomAbandonment", scope, limit: 200 }, nowMs)).data;
      expect([ended, abandoned, leftOut]).toEqual([all, endings.get("abandoned") ?? 0, []]);
      expect((await ask(store, { kind: "roomRecommendations", scope }, nowMs)).data.ended).toBe(all);
      const { rooms } = (await ask(store, { kind: "contentRejections", scope, limit: 200 }, nowMs)).data;
      expect(rooms).toEqual({ noConsensus: endings.get("no_consensus") ?? 0, consensus: endings.get("consensus") ?? 0 });
    }),
    { numRuns: 100 },
  );
});

test("each group of a comparison has the numbers of its metrics by the dimension", async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, fc.constantFrom(...roomDimensions), async ({ scope, nowMs, ...world }, by) => {
      const store = await storeOf(world);
      const { groups, optimalSize } = (await ask(store, { kind: "roomComparison", scope, by }, nowMs)).data;
      for (const metric of ["rooms_created", "consensus_rate", "dropout_rate", "room_satisfaction"] as const) {
        for (const { by: values, ...total } of await totalsOf(store, scope, { metric, by: [by] }, nowMs)) {
          const group = groups.find((one) => one.by[by] === values[by]);
          expect(group?.metrics.find(({ name }) => name === metric)).toEqual({
            name: metric,
            metric,
            unit: findMetric(metric)?.unit,
            ...total,
          });
        }
      }
      const sizes = await totalsOf(store, scope, { metric: "consensus_rate", by: ["roomSize"] }, nowMs);
      for (const { roomSize, consensus, rooms } of optimalSize?.sizes ?? []) {
        expect(sizes.find(({ by: values }) => values["roomSize"] === roomSize)).toMatchObject({ numerator: consensus, denominator: rooms });
      }
    }),
    { numRuns: 100 },
  );
});

test("preferences are positive_rate by genre, and titles sum to the votes and likes there are", async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ scope, nowMs, ...world }) => {
      const store = await storeOf(world);
      const { preferences, overall } = (await ask(store, { kind: "contentPreferences", scope, by: null }, nowMs)).data;
      const byGenre = await totalsOf(store, scope, { metric: "positive_rate", by: ["genre"] }, nowMs);
      const byName = (a: { by: Readonly<Record<string, string>> }, b: typeof a) => ((a.by["genre"] ?? "") < (b.by["genre"] ?? "") ? -1 : 1);
      expect(preferences.map(({ by, positive }) => ({ by, ...positive })).sort(byName)).toEqual([...byGenre].sort(byName));
      const { titles, total } = (await ask(store, { kind: "contentPerformance", scope, sort: "votes", limit: 200 }, nowMs)).data;
      expect(titles).toHaveLength(total);
      const sum = (part: "numerator" | "denominator") => titles.reduce((all, { positive }) => all + (positive[part] ?? 0), 0);
      expect([sum("numerator"), sum("denominator")]).toEqual([overall.numerator, overall.denominator]);
      for (const { contentId, views, matches, matchingPower } of titles) {
        const only = { ...scope, filters: [{ dimension: "contentId" as const, values: [contentId], negated: false }] };
        expect(await countOf(store, only, "content_views", nowMs)).toBe(views);
        expect(await countOf(store, only, "matches", nowMs)).toBe(matches);
        expect((await totalsOf(store, only, { metric: "matching_power" }, nowMs))[0]).toMatchObject(matchingPower);
      }
    }),
    { numRuns: 100 },
  );
});

test("trends compare the votes of the range with those of the period before", async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, fc.constantFrom("genre" as const, "contentId" as const), async ({ scope, nowMs, ...world }, by) => {
      const store = await storeOf(world);
      const { trends, total, previous } = (await ask(store, { kind: "contentTrends", scope, by, limit: 200 }, nowMs)).data;
      expect(trends).toHaveLength(total);
      if (previous === null) return;
      for (const [part, period] of [
        ["positive", {}],
        ["previous", { fromMs: Date.parse(previous.from), toMs: Date.parse(previous.to) }],
      ] as const) {
        for (const { by: values, numerator, denominator } of await totalsOf(
          store,
          { ...scope, ...period },
          { metric: "positive_rate", by: [by] },
          nowMs,
        )) {
          if (denominator === 0) continue;
          expect(trends.find((trend) => trend.by[by] === values[by])?.[part]).toMatchObject({ numerator, denominator });
        }
      }
      for (const { days } of trends) for (const { positive } of days) expect(positive.numerator).toBeLessThanOrEqual(positive.denominator);
    }),
    { numRuns: 100 },
  );
});
