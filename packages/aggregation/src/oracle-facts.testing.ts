import type { StoredEvent } from "@trinity/events/event";
import type { LogChunk } from "./log-chunk.ts";

/** What the oracle is told: the log, when each chunk was folded, and up to when the answer reaches. */
export type OracleWorld = {
  readonly chunks: readonly { readonly chunk: LogChunk; readonly foldedAtMs: number }[];
  readonly asOfMs: number;
};

/** One thing that a metric counts, with what it is worth to a count, a ratio, a duration or a set of people. */
export type OracleFact = {
  readonly atMs: number;
  readonly dimensions: Readonly<Record<string, readonly string[]>>;
  readonly count?: number;
  readonly numerator?: number;
  readonly denominator?: number;
  readonly durationsMs?: readonly number[];
  readonly user?: string;
};

type Facts = {
  readonly kind: "count" | "ratio" | "duration" | "distinct";
  readonly facts: readonly OracleFact[];
  readonly settlesAhead?: boolean;
};

const telemetry = ["span", "log_record", "metric_point"];
const userActions = ["vote_content", "room_created", "join_room", "screen_view", "user_login"];
const minutesMs = 60_000;

/** @returns what a metric counts in the world, one by one, as its definition reads */
export function factsOf(metric: string, world: OracleWorld): Facts {
  const everything = world.chunks.flatMap(({ chunk }) => chunk.events);
  const events = everything.filter(({ eventType }) => !telemetry.includes(eventType)).sort(inOrder);
  const typed = (eventType: string) => events.filter((event) => event.eventType === eventType);
  const each = (list: readonly StoredEvent[], worth: (event: StoredEvent) => Partial<OracleFact>) =>
    list.map((event) => ({ atMs: event.timestampMs, dimensions: dimensionsOf(event), ...worth(event) }));
  const requests = everything.filter(({ eventType, properties }) => eventType === "span" && properties["kind"] === "server");
  const ended = rooms(events).flatMap(({ end, ...room }) => ({
    ...room,
    ...end,
    dimensions: { ...room.dimensions, ending: [end.ending] },
  }));
  const agreed = ended.filter(({ ending }) => ending === "consensus");

  const catalogue: Record<string, () => Facts> = {
    events: () => ({ kind: "count", facts: each(events, () => ({ count: 1 })) }),
    active_users: () => {
      const actions = events.filter(({ userId, eventType }) => userId !== null && userActions.includes(eventType));
      return { kind: "distinct", facts: each(actions, ({ userId }) => ({ user: userId as string })) };
    },
    new_users: () => {
      const firsts = firstsBy(events, ({ userId }) => userId);
      return { kind: "count", facts: firsts.map((event) => ({ atMs: event.timestampMs, dimensions: circumstancesOf(event), count: 1 })) };
    },
    sessions: () => ({ kind: "count", facts: sessions(events).map((session) => ({ ...session, count: 1 })) }),
    session_duration: () => ({
      kind: "duration",
      facts: sessions(events).map((session) => ({ ...session, durationsMs: [session.endMs - session.atMs] })),
    }),
    actions_per_session: () => ({
      kind: "ratio",
      facts: sessions(events).map((session) => ({ ...session, numerator: session.events, denominator: 1 })),
    }),
    bounce_rate: () => ({
      kind: "ratio",
      facts: sessions(events).map((session) => ({ ...session, numerator: session.events === 1 ? 1 : 0, denominator: 1 })),
    }),
    votes: () => ({ kind: "count", facts: each(typed("vote_content"), () => ({ count: 1 })) }),
    positive_rate: () => ({
      kind: "ratio",
      facts: each(typed("vote_content"), ({ properties }) => ({ numerator: properties["vote"] === "like" ? 1 : 0, denominator: 1 })),
    }),
    matches: () => ({ kind: "count", facts: each(typed("match_found"), () => ({ count: 1 })) }),
    new_titles: () => ({ kind: "count", facts: titles(events).map((title) => ({ ...title, count: 1 })) }),
    rooms_created: () => ({
      kind: "count",
      facts: rooms(events).flatMap(({ createdMs, dimensions }) => (createdMs === null ? [] : [{ atMs: createdMs, dimensions, count: 1 }])),
    }),
    rooms_started: () => ({
      kind: "count",
      facts: rooms(events).flatMap(({ startMs, dimensions }) => (startMs === null ? [] : [{ atMs: startMs, dimensions, count: 1 }])),
    }),
    rooms_ended: () => ({ kind: "count", settlesAhead: true, facts: ended.map((room) => ({ ...room, count: 1 })) }),
    consensus_rate: () => ({
      kind: "ratio",
      settlesAhead: true,
      facts: ended.map((room) => ({ ...room, numerator: room.ending === "consensus" ? 1 : 0, denominator: 1 })),
    }),
    time_to_consensus: () => ({
      kind: "duration",
      settlesAhead: true,
      facts: agreed.flatMap((room) =>
        room.startMs === null ? [] : [{ ...room, durationsMs: [Math.max(0, room.agreedMs - room.startMs)] }],
      ),
    }),
    seat_fill_rate: () => ({
      kind: "ratio",
      facts: rooms(events).flatMap(({ createdMs, dimensions, seats, members }) =>
        createdMs === null || seats === null
          ? []
          : [{ atMs: createdMs, dimensions, numerator: Math.min(members, seats), denominator: seats }],
      ),
    }),
    requests: () => ({ kind: "count", facts: each(requests, () => ({ count: 1 })) }),
    request_errors: () => ({
      kind: "count",
      facts: each(requests, ({ properties }) => ({ count: properties["failed"] === true ? 1 : 0 })),
    }),
    error_rate: () => ({
      kind: "ratio",
      facts: each(requests, ({ properties }) => ({ numerator: properties["failed"] === true ? 1 : 0, denominator: 1 })),
    }),
    request_duration: () => ({
      kind: "duration",
      facts: each(requests, ({ properties }) => ({ durationsMs: [(properties["durationUs"] as number) / 1000] })),
    }),
    ingested_events: () => ({
      kind: "count",
      facts: world.chunks.flatMap(({ chunk }) =>
        chunk.receipts.map(({ source, outcome, reason, count }) => ({
          atMs: chunk.receivedAtMs,
          dimensions: { source: [source], outcome: [outcome], reason: [reason ?? "unknown"] },
          count,
        })),
      ),
    }),
    ingest_freshness: () => ({
      kind: "duration",
      facts: world.chunks.map(({ chunk, foldedAtMs }) => ({
        atMs: foldedAtMs,
        dimensions: {},
        durationsMs: chunk.events.map(() => Math.max(0, foldedAtMs - chunk.receivedAtMs)),
      })),
    }),
  };
  const facts = catalogue[metric];
  if (facts === undefined) throw new Error(`the oracle knows no ${metric}`);
  return facts();
}

/** Sessions that were named, and for events of a user outside of any, runs with no gap of 30 minutes or more. */
function sessions(events: readonly StoredEvent[]) {
  const named = groupsBy(events, ({ sessionId }) => sessionId);
  const unnamed = groupsBy(
    events.filter(({ sessionId }) => sessionId === null),
    ({ userId }) => userId,
  );
  const runs = unnamed.flatMap((list) => {
    const starts = list.flatMap((event, i) =>
      i === 0 || event.timestampMs - (list[i - 1] as StoredEvent).timestampMs >= 30 * minutesMs ? [i] : [],
    );
    return starts.map((start, n) => list.slice(start, starts[n + 1]));
  });
  return [...named, ...runs].map((list) => {
    const first = list[0] as StoredEvent;
    return {
      atMs: first.timestampMs,
      endMs: (list.at(-1) as StoredEvent).timestampMs,
      events: list.length,
      dimensions: circumstancesOf(first),
    };
  });
}

function rooms(events: readonly StoredEvent[]) {
  return groupsBy(events, ({ roomId }) => roomId).map((list) => {
    const firstOf = (...types: readonly string[]) => list.find(({ eventType }) => types.includes(eventType))?.timestampMs ?? null;
    const creation = list.find(({ eventType }) => eventType === "room_created");
    const { seats = null } = creation?.properties ?? {};
    const seated = list.filter(({ eventType, userId }) => ["room_created", "join_room"].includes(eventType) && userId !== null);
    const { mediaType = [], genre = [] } = creation === undefined ? {} : titleDimensionsOf(creation);
    return {
      dimensions: {
        roomSize: [seats === null ? "unknown" : String(seats)],
        mediaType: mediaType.length === 0 ? ["unknown"] : mediaType,
        genre: genre.length === 0 ? ["unknown"] : genre,
      },
      createdMs: creation?.timestampMs ?? null,
      startMs: firstOf("room_started") ?? firstOf("vote_content"),
      seats: seats as number | null,
      members: new Set(seated.map(({ userId }) => userId)).size,
      agreedMs: (firstOf("consensus_achieved") ?? firstOf("match_found")) as number,
      end: endOfRoom(firstOf("match_found", "consensus_achieved"), firstOf("room_completed", "no_consensus"), list),
    };
  });
}

function endOfRoom(consensusMs: number | null, closedMs: number | null, list: readonly StoredEvent[]) {
  if (consensusMs !== null) return { ending: "consensus", atMs: consensusMs };
  if (closedMs !== null) return { ending: "no_consensus", atMs: closedMs };
  return { ending: "abandoned", atMs: (list.at(-1) as StoredEvent).timestampMs + 24 * 60 * minutesMs };
}

function titles(events: readonly StoredEvent[]) {
  return groupsBy(events, ({ properties }) => (properties["contentId"] as string | undefined) ?? null).map((list) => {
    const first = list[0] as StoredEvent;
    const described = list.find(({ properties }) => properties["genres"] !== undefined);
    const { contentId } = first.properties as { contentId: string };
    return {
      atMs: first.timestampMs,
      dimensions: described === undefined ? { mediaType: [mediaOf(contentId)] } : titleDimensionsOf(described),
    };
  });
}

function dimensionsOf(event: StoredEvent): OracleFact["dimensions"] {
  const properties = Object.entries(event.properties).filter(([name]) =>
    ["contentId", "recommended", "service", "route", "statusClass"].includes(name),
  );
  return {
    ...circumstancesOf(event),
    eventType: [event.eventType],
    ...titleDimensionsOf(event),
    ...Object.fromEntries(properties.map(([name, value]) => [name, [String(value)]])),
  };
}

function circumstancesOf({ context, source }: StoredEvent): OracleFact["dimensions"] {
  return { source: [source.system], ...Object.fromEntries(Object.entries(context).map(([name, value]) => [name, [value]])) };
}

function titleDimensionsOf({ properties }: StoredEvent): Record<"genre" | "mediaType" | "releaseDecade", readonly string[]> {
  const { contentId, genres, mediaType, releaseYear } = properties as Record<string, string | undefined> & { genres?: readonly string[] };
  return {
    genre: genres === undefined || genres.length === 0 ? ["unknown"] : [...new Set(genres)],
    mediaType: [mediaType ?? mediaOf(contentId ?? "")],
    releaseDecade: [releaseYear === undefined ? "unknown" : `${String(releaseYear).slice(0, 3)}0s`],
  };
}

function mediaOf(contentId: string): string {
  return /^(movie|tv):/.exec(contentId)?.[1] ?? "unknown";
}

/** In order of time, and where times are equal of id. */
function inOrder(a: StoredEvent, b: StoredEvent): number {
  return a.timestampMs - b.timestampMs || (a.eventId < b.eventId ? -1 : 1);
}

/** @returns the events of each key, in the order they came in; those without a key are left out */
function groupsBy(events: readonly StoredEvent[], keyOf: (event: StoredEvent) => string | null): readonly (readonly StoredEvent[])[] {
  const keys = new Set(events.map(keyOf).filter((key) => key !== null));
  return [...keys].map((key) => events.filter((event) => keyOf(event) === key));
}

function firstsBy(events: readonly StoredEvent[], keyOf: (event: StoredEvent) => string | null): readonly StoredEvent[] {
  return groupsBy(events, keyOf).map((list) => list[0] as StoredEvent);
}
