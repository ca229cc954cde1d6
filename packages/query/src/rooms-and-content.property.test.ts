import type { MetricAnswer } from "@trinity/aggregation/answer";
import { calendarOf } from "@trinity/aggregation/calendar";
import { findMetric } from "@trinity/aggregation/metric-catalogue";
import { endOfRoom, type Room } from "@trinity/aggregation/room";
import { isInScope, roomDimensions } from "@trinity/aggregation/room-scope";
import { OverRepresentation } from "@trinity/aggregation/statistics/over-represented";
import { anyWorld } from "@trinity/aggregation/world-arbitrary";
import { createSealedWorlds } from "@trinity/columns/sealed-world";
import type { StoredEvent } from "@trinity/events/event";
import { orderNumberOf } from "@trinity/events/event-order";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { keyOf } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { afterAll, expect, test, vi } from "vitest";
import { ask } from "./asking.testing.ts";
import { type Asked, metricQueries, type QuestionScope } from "./reads/read-metrics.ts";

vi.setConfig({ testTimeout: 240_000 });

const dayMs = 86_400_000;
const minuteMs = 60_000;

const sealedWorlds = createSealedWorlds(openMemoryStore);
afterAll(() => sealedWorlds.close());

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

const reports = ["match_found", "consensus_achieved", "no_consensus", "room_completed", "room_stalled", "room_abandoned"];

/** An instant before the end at which something happened in the room, that is no report; a day before it where none is known. */
function knownBefore({ created, startedAtMs, firstVoteAtMs, departures, lastAtMs }: Room, endMs: number): number {
  const ofPeople = departures.flatMap(([, { leftAtMs = null, silentAtMs = null }]) => [leftAtMs, silentAtMs]);
  const known = [created?.atMs ?? null, startedAtMs, firstVoteAtMs, ...ofPeople].filter((atMs) => atMs !== null && atMs < endMs);
  return known.length === 0 ? Math.min(endMs, lastAtMs) - dayMs : Math.max(...(known as number[]));
}

function isAfter(a: StoredEvent, b: StoredEvent): boolean {
  if (a.timestampMs !== b.timestampMs) return a.timestampMs > b.timestampMs;
  return orderNumberOf(a) === orderNumberOf(b) ? a.eventId > b.eventId : orderNumberOf(a) > orderNumberOf(b);
}

function attributesOf({ seats, mediaType, genres, counts: { members }, firstVoteAtMs, created }: Room, timeZone: string) {
  return {
    roomSize: seats === null ? "unknown" : `${seats}`,
    mediaType: mediaType ?? "unknown",
    genre: genres.length === 0 ? "unknown" : genres,
    members: members > 8 ? "more than 8" : `${members}`,
    seatsFilled: seats === null ? "unknown" : `${members >= seats}`,
    voted: `${firstVoteAtMs !== null}`,
    hourOfCreation: created === null ? "unknown" : `${calendarOf(timeZone).hourOfDay(created.atMs)}`,
  };
}

/** The definition: each room of the scope with all its attributes, and its last event of all events there are. */
function patternsByDefinition(
  rooms: readonly (readonly [string, Room])[],
  events: readonly StoredEvent[],
  scope: QuestionScope,
  nowMs: number,
) {
  const ended = rooms.flatMap(([roomId, room]) => {
    const { ending, atMs } = endOfRoom(room);
    const isEnded = atMs < Math.floor(nowMs / minuteMs) * minuteMs && isInScope(room, atMs, scope);
    return isEnded ? [{ roomId, room, endMs: atMs, isAbandoned: ending === "abandoned" }] : [];
  });
  const fromMs = Math.min(...ended.map(({ room, endMs }) => knownBefore(room, endMs)));
  // Spans change no room, so one may come after all else that happened in any.
  const toMs = Math.max(...ended.map(({ room, endMs }) => Math.min(endMs, room.lastAtMs + 1)));
  const found = new OverRepresentation();
  const counted = { ties: 0, none: 0 };
  for (const { roomId, room, endMs, isAbandoned } of ended) {
    const ofRoom = events.filter((event) => event.roomId === roomId && !reports.includes(event.eventType));
    const before = ofRoom.filter(({ timestampMs }) => timestampMs >= fromMs && timestampMs < Math.min(toMs, endMs));
    const last = before.reduce<StoredEvent | null>((latest, event) => (latest === null || isAfter(event, latest) ? event : latest), null);
    if (before.some((event) => event.timestampMs === last?.timestampMs && event.eventType !== last.eventType)) counted.ties += 1;
    if (last === null) counted.none += 1;
    found.add(isAbandoned, [{ ...attributesOf(room, scope.timeZone), lastEvent: last?.eventType ?? "none" }]);
  }
  const { among, others } = found.sizes;
  return { answer: { ended: among + others, abandoned: among, leftOut: [], patterns: found.patterns() }, counted };
}

const anyTypeInRoom = fc.constantFrom(
  "room_created",
  "join_room",
  "vote_content",
  "vote_content",
  "leave_room",
  "title_shown",
  "span",
  "of_another_release",
);
/** Few rooms, of which many have several events at their last instant. */
const anyEventInRoom = fc.record({
  roomId: fc.constantFrom("a", "b c", "d!", "é", "🎬"),
  eventType: fc.oneof({ weight: 4, arbitrary: anyTypeInRoom }, { weight: 1, arbitrary: fc.constantFrom(...reports) }),
  minutes: fc.constantFrom(-3_000, -1_500, -1_441, 0, 0, 1, 1, 2, 3, 60, 1_000),
  userId: fc.constantFrom(null, "ana", "bea", "cai"),
  // The two greatest do not fit beside the time in one number of the engine.
  sequence: fc.constantFrom(undefined, undefined, undefined, 1, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER),
  seats: fc.constantFrom(undefined, 2, 3),
  genres: fc.constantFrom(undefined, ["comedy"], ["comedy", "drama", "comedy"]),
});
const anyRooms = fc.record({
  rows: fc.array(anyEventInRoom, { minLength: 10, maxLength: 60 }),
  folds: fc.integer({ min: 1, max: 3 }),
  isSealedAfter: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  fromDays: fc.constantFrom(-4, -1, 0),
  days: fc.integer({ min: 1, max: 6 }),
  filters: fc.constantFrom<QuestionScope["filters"]>([], [], [{ dimension: "genre", values: ["comedy"], negated: false }]),
  timeZone: fc.constantFrom("UTC", "Asia/Kolkata"),
});
function propertiesOf(eventType: string, created: StoredEvent["properties"]): StoredEvent["properties"] {
  if (eventType === "span") return { kind: "server", service: "trinity-room", failed: false, durationUs: 5 };
  if (eventType === "vote_content") return { contentId: "movie:1", vote: "like" };
  return eventType === "room_created" ? created : {};
}

const noonMs = Date.UTC(2026, 2, 3, 12);

function eventsOf(rows: readonly (typeof anyEventInRoom extends fc.Arbitrary<infer Row> ? Row : never)[]): readonly StoredEvent[] {
  return rows.map(({ roomId, eventType, minutes, userId, sequence, seats, genres }, i) => ({
    eventId: `event-${(i * 7) % rows.length}-${i}`,
    eventType,
    timestampMs: noonMs + minutes * minuteMs,
    receivedAtMs: noonMs,
    userId: userId as StoredEvent["userId"],
    roomId: roomId as StoredEvent["roomId"],
    sessionId: null,
    properties: propertiesOf(eventType, JSON.parse(JSON.stringify({ seats, genres }))),
    context: {},
    source: { system: "app" },
    ...(sequence === undefined ? {} : { sequence }),
  }));
}

test("Feature: analytics-system, Property 2: metrics aggregation consistency - patterns of abandoned rooms are those of their definition, room by room, from the log as from columns", async () => {
  const seen = { patterns: 0, ties: 0, none: 0, columns: 0 };
  await fc.assert(
    fc.asyncProperty(anyRooms, async ({ rows, folds, isSealedAfter, fromDays, days, ...scopeOf }) => {
      const events = eventsOf(rows);
      const perFold = Math.ceil(events.length / folds);
      const parts = Array.from({ length: folds }, (_, i) => ({
        chunks: [{ seq: i + 1, receivedAtMs: noonMs, receipts: [], events: events.slice(i * perFold, (i + 1) * perFold) }],
        foldedAtMs: noonMs,
      }));
      const { store, columns } = await sealedWorlds.open(parts, isSealedAfter);
      const fromMs = noonMs + fromDays * dayMs;
      const scope = { fromMs, toMs: fromMs + days * dayMs, ...scopeOf };
      const nowMs = noonMs + 5 * dayMs;
      const rooms = (await store.scanEntities("room", "", 1_000)).map(({ key, value }) => [key, value as Room] as const);
      const { answer, counted } = patternsByDefinition(rooms, events, scope, nowMs);
      const question = { kind: "roomAbandonment", scope, limit: 1_000 } as const;
      const withColumns = { ...columns, read: (...all: Parameters<typeof columns.read>) => ((seen.columns += 1), columns.read(...all)) };
      expect((await ask(store, question, nowMs)).data).toEqual(answer);
      expect((await ask(store, question, nowMs, withColumns)).data).toEqual(answer);
      seen.patterns += answer.patterns.length;
      seen.ties += counted.ties;
      seen.none += counted.none;
    }),
    { numRuns: 100, endOnFailure: true },
  );
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(10);
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
