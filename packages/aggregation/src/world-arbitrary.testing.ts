import type { Properties, StoredEvent } from "@trinity/events/event";
import fc from "fast-check";
import { tierMs } from "./bucket.ts";
import { calendarOf, type Granularity } from "./calendar.ts";
import type { DimensionName } from "./dimension.ts";
import type { IngestCount, LogChunk } from "./log-chunk.ts";
import { dimensionsOfMetric, type Metric, measuresOfMetric } from "./metric.ts";
import { metricCatalogue } from "./metric-catalogue.ts";
import { type Filter, type MetricQuery, statistics } from "./metric-query.ts";
import type { Segment, UserAttribute } from "./segment.ts";
import { storedEvent } from "./stored-event.testing.ts";

/** Small worlds full of edge cases: few users, rooms and titles, at instants close to boundaries of time. */

/** A log, and how it was folded: each of `folds` has the chunks that were folded together. */
export type World = {
  /** The instant around which all events are. */
  readonly aroundMs: number;
  readonly folds: readonly { readonly chunks: readonly LogChunk[]; readonly foldedAtMs: number }[];
  readonly asOfMs: number;
};

const halfHourMs = tierMs.hour / 2;

/** A leap day, changes of the clock (in São Paulo at midnight), the new year in Kolkata, the end of a month. */
const boundariesOfTime = [
  "2024-02-29T00:00:00Z",
  "2024-03-31T01:00:00Z",
  "2024-10-27T01:00:00Z",
  "2018-11-04T03:00:00Z",
  "2018-02-18T03:00:00Z",
  "2020-12-31T18:30:00Z",
  "2026-02-28T23:00:00Z",
].map((instant) => Date.parse(instant));

const anyHalfHours = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -4, max: 4 }) },
  { weight: 2, arbitrary: fc.integer({ min: -120, max: 120 }) },
  { weight: 1, arbitrary: fc.constantFrom(-96, -48, 48, 96) },
);
/** Half hours from the boundary, exactly or a millisecond off: bucket boundaries and the longest gaps of a session. */
const anyOffsetMs = fc
  .tuple(anyHalfHours, fc.oneof(fc.constantFrom(0, 0, -1, 1, 59_999, 60_000), fc.nat(halfHourMs)))
  .map(([halfHours, ms]) => halfHours * halfHourMs + ms);

const orNothing = <T>(...values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 2 });
const orNull = (...values: readonly string[]) => fc.option(fc.constantFrom(...values), { nil: null, freq: 3 });
const orRarelyNull = (...values: readonly string[]) => fc.option(fc.constantFrom(...values), { nil: null, freq: 10 });
/** A record without the keys of undefined values. */
const anyPresent = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  fc.record(fields).map((record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)));

const anyContext = anyPresent({
  platform: orNothing("android", "ios"),
  deviceType: orNothing("phone"),
  locale: orNothing("es-ES", "en-GB"),
  appVersion: orNothing("3.2.0"),
  ageBand: orNothing("18-24"),
});

const titleFields = {
  contentId: fc.constantFrom("movie:1", "movie:1", "tv:1", "tt0076759"),
  genres: fc.option(fc.array(fc.constantFrom("comedy", "drama", "unknown"), { maxLength: 3 }), { nil: undefined, freq: 3 }),
  mediaType: orNothing("movie", "tv"),
  releaseYear: orNothing(1989, 1990),
};
const votes = { ...titleFields, vote: fc.constantFrom("like", "dislike", "skip"), recommended: orNothing(true, false) };
const spans = {
  kind: fc.constantFrom("server", "server", "client"),
  service: fc.constantFrom("trinity-room", "trinity-vote"),
  route: orNothing("/rooms/:id"),
  statusClass: orNothing("2xx", "5xx"),
  failed: fc.boolean(),
  durationUs: fc.oneof(fc.constantFrom(0, 1, 999, 1000), fc.nat(10_000_000)),
};
const points = {
  metric: fc.constantFrom("process.cpu.utilization", "process.memory.usage", "nodejs.eventloop.delay.p99", "http.server.active_requests"),
  service: fc.constantFrom("trinity-room", "trinity-vote"),
};
const anyProperties: Readonly<Record<string, fc.Arbitrary<Record<string, unknown>>>> = {
  vote_content: anyPresent(votes),
  match_found: anyPresent(titleFields),
  consensus_achieved: anyPresent(titleFields),
  title_shown: anyPresent(titleFields),
  media_viewed: anyPresent(titleFields),
  member_inactive: anyPresent({ level: orNothing("warning", "inactive", "excluded", "excluded") }),
  metric_point: fc.oneof(
    anyPresent({ ...points, value: fc.constantFrom(0, 0.25, 3e9, -1) }),
    anyPresent({ ...points, count: fc.constantFrom(0, 1, 2, 3, Number.MAX_SAFE_INTEGER), sum: fc.constantFrom(0, 1.5, 4.5e15) }),
  ),
  room_created: anyPresent({
    seats: orNothing(2, 3),
    titleCount: orNothing(1, 50, Number.MAX_SAFE_INTEGER),
    mediaType: titleFields.mediaType,
    genres: titleFields.genres,
  }),
  span: anyPresent(spans),
};

const commonTypes = ["vote_content", "room_created", "join_room", "screen_view", "title_shown", "span"];
const rareTypes = [
  "room_started",
  "match_found",
  "match_found",
  "consensus_achieved",
  "no_consensus",
  "room_completed",
  "leave_room",
  "leave_room",
  "member_inactive",
  "user_login",
  "media_viewed",
  "log_record",
  "metric_point",
];
/** Most of these have a room, and those of members two users, so that members leave rooms they joined, and titles match that have votes. */
const memberTypes: readonly string[] = ["room_created", "join_room", "leave_room", "member_inactive"];
const roomTypes: readonly string[] = [...memberTypes, "vote_content", "match_found"];

/** The known order of an event among others of its instant: none, its position in one of two requests, or its sequence number. */
const anyOrder: fc.Arbitrary<Pick<StoredEvent, "sequence" | "position">> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.record({ position: fc.record({ batch: fc.nat(1), index: fc.nat(8) }) }) },
  { weight: 1, arbitrary: fc.record({ sequence: fc.nat(5) }) },
);

const anyEvent = fc.constantFrom(...commonTypes, ...commonTypes, ...rareTypes).chain((eventType) =>
  fc.record({
    eventId: fc.nat(500).map((id) => `event-${id}`),
    eventType: fc.constant(eventType),
    at: anyOffsetMs,
    userId: memberTypes.includes(eventType) ? orRarelyNull("ana", "bea") : orNull("ana", "bea", "cai"),
    roomId: roomTypes.includes(eventType) ? orRarelyNull("room-1", "room-1", "room-2") : orNull("room-1", "room-2"),
    sessionId: fc.option(fc.constantFrom("session-1", "session-2", "session-3"), { nil: null, freq: 2 }),
    properties: anyProperties[eventType] ?? fc.constant({}),
    context: anyContext,
    system: fc.constantFrom("app", "lambda"),
    order: anyOrder,
  }),
);

const states = { state: fc.constantFrom("user", "system", "idle", "guest"), value: fc.constantFrom(0, 0.25, 0.5, 0.75, -1) };
/** Points that mean something only together with others of their series: states of use, and running totals. */
const anyPointOfSeries = fc
  .oneof(
    anyPresent({ metric: fc.constant("process.cpu.utilization"), series: fc.constant("cpu-1"), ...states }),
    anyPresent({ metric: fc.constant("system.cpu.utilization"), series: fc.constant("cpu-2"), unit: fc.constant("%{busy}"), ...states }),
    anyPresent({
      metric: fc.constant("v8js.gc.duration"),
      series: fc.constantFrom("gc-1", "gc-2"),
      unit: orNothing("s", "ms", ""),
      count: orNothing(0, 1, 2, 3, 9),
      sum: fc.oneof(orNothing(0, 0.3, 4.5e15), fc.nat(90)),
      startMs: orNothing(1),
    }),
    anyPresent({
      metric: fc.constant("process.memory.usage"),
      series: fc.constant("memory-1"),
      unit: orNothing("KiBy", "By", "bit"),
      value: fc.nat(9_000_000),
      startMs: orNothing(1),
    }),
  )
  .chain((properties) =>
    fc.record({
      eventId: fc.nat(500).map((id) => `point-${id}`),
      eventType: fc.constant("metric_point"),
      // Often of one instant or second, where several are one.
      at: fc.oneof(anyOffsetMs, fc.constantFrom(0, 1, 999, 1_000, 60_000)),
      properties: fc.constant({ ...properties, service: "trinity-room" } as Properties),
    }),
  );

const uniqueEvents = <Fields extends { readonly eventId: string }>(anyOne: fc.Arbitrary<Fields>, maxLength: number) =>
  fc.uniqueArray(anyOne, { selector: ({ eventId }) => eventId, maxLength, size: "max" });

/** Events around a boundary of time, with unique ids; between them points of series, up to so many. */
function eventsAround(pointsMax: number) {
  return fc
    .record({
      aroundMs: fc.constantFrom(...boundariesOfTime),
      fields: uniqueEvents(anyEvent, 40),
      pointsOfSeries: uniqueEvents(anyPointOfSeries, pointsMax),
    })
    .map(({ aroundMs, fields, pointsOfSeries }) => {
      const events = fields.map(({ at, properties, order, ...others }) =>
        storedEvent({ ...others, ...order, properties: properties as Properties, at: aroundMs + at }),
      );
      const merged = pointsOfSeries.map(({ at, ...others }) => storedEvent({ ...others, at: aroundMs + at }));
      return { aroundMs, events: [0, 1, 2, 3].flatMap((n) => [...quarter(events, n), ...quarter(merged, n)]) };
    });
}

function quarter<Item>(items: readonly Item[], n: number): readonly Item[] {
  return items.slice((items.length * n) / 4, (items.length * (n + 1)) / 4);
}

const anyReceipt: fc.Arbitrary<IngestCount> = fc.record({
  source: fc.constantFrom("app", "lambda"),
  outcome: fc.constantFrom("accepted", "duplicate", "rejected"),
  reason: fc.constantFrom(null, "too_old", "unknown_property"),
  count: fc.integer({ min: 1, max: 9 }),
});

/** How a log is cut: where a chunk ends, where a fold ends, and when. Folds can be days apart, so that minutes are dropped. */
const anyCut = fc.record({
  events: fc.integer({ min: 0, max: 12 }),
  receivedAfterMs: anyOffsetMs,
  receipts: fc.array(anyReceipt, { maxLength: 3 }),
  endsFold: fc.boolean(),
  daysOn: fc.constantFrom(0, 0, 0, 1, 3),
});
export const anyCuts = fc.array(anyCut, { minLength: 1, maxLength: 8 });
export type Cuts = readonly {
  readonly events: number;
  readonly receivedAfterMs: number;
  readonly receipts: readonly IngestCount[];
  readonly endsFold: boolean;
  readonly daysOn: number;
}[];

/** @returns the events as a log that is cut and folded that way; the remaining events are the last chunk */
export function foldsOf(events: readonly StoredEvent[], cuts: Cuts, aroundMs: number): World["folds"] {
  const folds: { chunks: LogChunk[]; foldedAtMs: number }[] = [];
  let fold: { chunks: LogChunk[]; foldedAtMs: number } = { chunks: [], foldedAtMs: aroundMs };
  let from = 0;
  const rest = { events: events.length, receivedAfterMs: 0, receipts: [], endsFold: true, daysOn: 0 };
  for (const [i, { events: count, receivedAfterMs, receipts, endsFold, daysOn }] of [...cuts, rest].entries()) {
    const chunk = { seq: i + 1, receivedAtMs: aroundMs + receivedAfterMs, receipts, events: events.slice(from, from + count) };
    from += count;
    fold.chunks.push(chunk);
    if (!endsFold) continue;
    folds.push(fold);
    fold = { chunks: [], foldedAtMs: fold.foldedAtMs + daysOn * tierMs.day };
  }
  return folds;
}

/** Within the world, or so long after it that windows of 7 and 30 days begin in it. */
const anyPresentMs = fc.tuple(anyOffsetMs, fc.constantFrom(0, 0, 0, 7, 30)).map(([offsetMs, daysOn]) => offsetMs + daysOn * tierMs.day);

type AnyWorld = fc.Arbitrary<World & { readonly events: readonly StoredEvent[] }>;

function worldWith(pointsMax: number): AnyWorld {
  return fc
    .record({ around: eventsAround(pointsMax), cuts: anyCuts, asOf: anyPresentMs })
    .map(({ around: { aroundMs, events }, cuts, asOf }) => ({
      aroundMs,
      events,
      folds: foldsOf(events, cuts, aroundMs),
      asOfMs: aroundMs + asOf,
    }));
}

/** Any world, and its events. */
export const anyWorld: AnyWorld = worldWith(0);
/** Any world that has entities of all kinds: also of data points, which the definitions of the metrics leave out. */
export const anyWorldOfAllKinds: AnyWorld = worldWith(20);

const valuesKnown: Readonly<Record<DimensionName, readonly string[]>> = {
  eventType: [...commonTypes, "match_found"],
  platform: ["android", "ios", "unknown"],
  deviceType: ["phone", "unknown"],
  locale: ["es-ES", "en-GB", "unknown"],
  appVersion: ["3.2.0", "unknown"],
  source: ["app", "lambda"],
  ageBand: ["18-24", "unknown"],
  favouriteGenre: ["comedy", "drama", "unknown"],
  resource: ["cpu", "memory"],
  genre: ["comedy", "drama", "unknown"],
  mediaType: ["movie", "tv", "unknown"],
  releaseDecade: ["1980s", "1990s", "unknown"],
  contentId: ["movie:1", "tv:1", "tt0076759"],
  recommended: ["true", "false", "unknown"],
  roomSize: ["2", "3", "unknown"],
  ending: ["consensus", "no_consensus", "abandoned"],
  service: ["trinity-room", "trinity-vote"],
  route: ["/rooms/:id", "unknown"],
  statusClass: ["2xx", "5xx", "unknown"],
  outcome: ["accepted", "duplicate", "rejected"],
  reason: ["too_old", "unknown_property", "unknown"],
  hourOfDay: ["0", "1", "5", "22", "23"],
  weekday: ["1", "4", "6", "7"],
};

export const timeZones = ["Europe/Madrid", "Asia/Kolkata", "Asia/Kathmandu", "America/Sao_Paulo", "Australia/Lord_Howe"];

const attributeValues: readonly (readonly [UserAttribute, readonly string[]])[] = [
  ["platform", valuesKnown.platform],
  ["deviceType", valuesKnown.deviceType],
  ["locale", valuesKnown.locale],
  ["ageBand", valuesKnown.ageBand],
  ["favouriteGenre", valuesKnown.favouriteGenre],
  ["activityTier", ["inactive", "light", "regular", "heavy"]],
  ["cohort", ["2024-02", "2024-W09", "2024-W10", "2020-W53", "2020-12", "2018-11", "2026-W09", "tomorrow"]],
];

/** Segments of the users in worlds. */
export const anySegment: fc.Arbitrary<Segment> = fc.letrec<{ segment: Segment }>((tie) => ({
  segment: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc
      .constantFrom(...attributeValues)
      .chain(([attribute, known]) =>
        fc
          .uniqueArray(fc.constantFrom(...known), { minLength: 1, maxLength: 2 })
          .map((values): Segment => ({ kind: "attribute", attribute, values })),
      ),
    fc.record({ kind: fc.constantFrom("all" as const, "any" as const), of: fc.array(tie("segment"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ kind: fc.constant("not" as const), of: tie("segment") }),
  ),
})).segment;

/** A world, and any valid query of it. */
export const anyWorldAndQuery = fc
  .record({ world: anyWorld, asked: fc.constantFrom(...metricCatalogue).chain(anyAskedOf) })
  .map(({ world, asked }) => ({ world, query: placed(asked, world.aroundMs) }));

/** A world with entities of all kinds, and queries of metrics that count any. */
export const anyWorldAndEntityQueries = fc
  .record({ world: anyWorldOfAllKinds, asked: fc.tuple(...metricCatalogue.filter(countsEntities).map(anyAskedOf)) })
  .map(({ world, asked }) => ({ world, queries: asked.map((one) => placed(one, world.aroundMs)) }));

function countsEntities(metric: Metric): boolean {
  return measuresOfMetric(metric).some(({ origin }) => typeof origin !== "string");
}

/** A world, and one query of each metric. */
export const anyWorldAndQueries = fc
  .record({ world: anyWorld, asked: fc.tuple(...metricCatalogue.map(anyAskedOf)) })
  .map(({ world, asked }) => ({ world, queries: asked.map((one) => placed(one, world.aroundMs)) }));

/** Any valid query, of a world that is not made. */
export const anyQuery = fc
  .record({ aroundMs: fc.constantFrom(...boundariesOfTime), asked: fc.constantFrom(...metricCatalogue).chain(anyAskedOf) })
  .map(({ aroundMs, asked }) => ({ aroundMs, query: placed(asked, aroundMs) }));

type Asked = Omit<MetricQuery, "fromMs" | "toMs"> & {
  readonly fromMs: number;
  readonly wholeDays: boolean;
  readonly halfHours: number;
  readonly oddMs: number;
};

function anyAskedOf(metric: Metric): fc.Arbitrary<Asked> {
  const dimensions = dimensionsOfMetric(metric);
  return fc.record({
    metric: fc.constant(metric.name),
    granularity: fc.constantFrom<Granularity>(
      ...(metric.calculation.finestGranularity === "day" ? [] : (["minute", "hour"] as const)),
      "day",
      "day",
      "week",
      "month",
      "total",
      "total",
    ),
    fromMs: fc.oneof({ weight: 3, arbitrary: anyHalfHours.map((n) => n * halfHourMs) }, { weight: 1, arbitrary: anyOffsetMs }),
    wholeDays: fc.boolean(),
    halfHours: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(48, 96, 48 * 7, 48 * 30)),
    oddMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(halfHourMs) }),
    by: fc.uniqueArray(fc.constantFrom(...dimensions), { maxLength: 2 }),
    filters: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(anyFilterOf(dimensions), { maxLength: 2 }) },
    ),
    timeZone: fc.oneof({ weight: 2, arbitrary: fc.constant("UTC") }, { weight: 1, arbitrary: fc.constantFrom(...timeZones) }),
    statistic: fc.constantFrom(...statistics),
    windowDays: fc.constantFrom(1 as const, 1 as const, 7 as const, 30 as const),
  });
}

function placed({ wholeDays, halfHours, oddMs, ...asked }: Asked, aroundMs: number): MetricQuery {
  const anyFromMs = aroundMs + asked.fromMs;
  const fromMs = wholeDays ? calendarOf(asked.timeZone).startOf("day", anyFromMs) : anyFromMs;
  // A month of minutes would take long and test nothing more.
  const toMs = fromMs + (asked.granularity === "minute" ? Math.min(halfHours, 12) : halfHours) * halfHourMs + oddMs;
  return { ...asked, fromMs, toMs };
}

function anyFilterOf(dimensions: readonly DimensionName[]): fc.Arbitrary<Filter> {
  return fc.constantFrom(...dimensions).chain((dimension) =>
    fc.record({
      dimension: fc.constant(dimension),
      values: fc.uniqueArray(fc.constantFrom(...valuesKnown[dimension]), { minLength: 1, maxLength: 2 }),
      negated: fc.boolean(),
    }),
  );
}
