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
  /** Whose it is, where it is anybody's. */
  readonly user?: string | null;
};

export type Facts = {
  readonly kind: "count" | "ratio" | "duration" | "distinct";
  readonly facts: readonly OracleFact[];
  readonly isProvisional?: boolean;
};

/** Numbers that are made of several lists of facts, each as the definitions describe it. */
export type ComposedFacts =
  | {
      readonly kind: "quotient";
      readonly of: "bucket" | "days";
      readonly numerator: Facts;
      readonly denominator: Facts;
      readonly windowDays: number;
    }
  | { readonly kind: "lifecycle"; readonly stage: "returning" | "resurrected" | "dormant"; readonly active: Facts; readonly firsts: Facts }
  /** Each fact is open from `atMs` to `untilMs`, both included. */
  | { readonly kind: "peak"; readonly facts: readonly (OracleFact & { readonly untilMs: number })[] }
  | { readonly kind: "satisfaction"; readonly facts: readonly EndedRoom[]; readonly isProvisional: true };

export type EndedRoom = OracleFact & {
  readonly members: number;
  readonly votingMembers: number;
  readonly droppedOut: number;
  readonly matchedVotes: number;
  readonly matchedLikes: number;
  readonly agreed: boolean;
  readonly timeMs: number | null;
};

/** Types of event that are nobody's. */
export const telemetry = ["span", "log_record", "metric_point"];
/** Types of event in the worlds by which somebody is active. */
export const userActions = ["vote_content", "room_created", "join_room", "leave_room", "screen_view", "media_viewed", "user_login"];
const minutesMs = 60_000;

/** @returns what a metric counts in the world, one by one, as its definition reads */
export function factsOf(metric: string, world: OracleWorld): Facts | ComposedFacts {
  const everything = world.chunks.flatMap(({ chunk }) => chunk.events);
  const events = everything.filter(({ eventType }) => !telemetry.includes(eventType)).sort(inOrder);
  const typed = (eventType: string) => events.filter((event) => event.eventType === eventType);
  const each = (list: readonly StoredEvent[], worth: (event: StoredEvent) => Partial<OracleFact>) =>
    list.map((event) => ({ atMs: event.timestampMs, dimensions: dimensionsOf(event), user: event.userId, ...worth(event) }));
  const requests = everything.filter(({ eventType, properties }) => eventType === "span" && properties["kind"] === "server");
  const ended = rooms(events).flatMap(({ end, ...room }) => ({
    ...room,
    ...end,
    dimensions: { ...room.dimensions, ending: [end.ending] },
  }));
  const agreed = ended.filter(({ ending }) => ending === "consensus");

  const actions = events.filter(({ userId, eventType }) => userId !== null && userActions.includes(eventType));
  const active: Facts = { kind: "distinct", facts: each(actions, ({ userId }) => ({ user: userId as string })) };
  const newcomers = groupsBy(events, ({ userId }) => userId).map((list) => {
    const first = list[0] as StoredEvent;
    const dimensions = { ...contextOf(first), favouriteGenre: [favouriteGenreOf(list)] };
    return { atMs: first.timestampMs, dimensions, user: first.userId as string, count: 1 };
  });
  const counted = (list: readonly StoredEvent[]): Facts => ({ kind: "count", facts: each(list, () => ({ count: 1 })) });
  const perUser = (list: readonly StoredEvent[]): ComposedFacts => ({
    kind: "quotient",
    of: "bucket",
    numerator: counted(list),
    denominator: active,
    windowDays: 1,
  });
  const lifecycle = (stage: "returning" | "resurrected" | "dormant"): ComposedFacts => ({
    kind: "lifecycle",
    stage,
    active,
    firsts: { kind: "distinct", facts: newcomers },
  });
  const created = rooms(events).flatMap(({ createdMs, ...room }) => (createdMs === null ? [] : [{ ...room, atMs: createdMs }]));
  const ratioOfCreated = (ratio: (room: (typeof created)[number]) => Pick<OracleFact, "numerator" | "denominator">): Facts => ({
    kind: "ratio",
    facts: created.map((room) => ({ ...room, ...ratio(room) })),
  });
  const ratioOfEnded = (
    list: typeof ended,
    ratio: (room: (typeof ended)[number]) => Pick<OracleFact, "numerator" | "denominator">,
  ): Facts => ({
    kind: "ratio",
    isProvisional: true,
    facts: list.map((room) => ({ ...room, ...ratio(room) })),
  });
  const observations = everything.flatMap((event) => observationsOf(event));

  const catalogue: Record<string, () => Facts | ComposedFacts> = {
    events: () => counted(events),
    active_users: () => active,
    new_users: () => ({ kind: "count", facts: newcomers }),
    returning_users: () => lifecycle("returning"),
    resurrected_users: () => lifecycle("resurrected"),
    dormant_users: () => lifecycle("dormant"),
    stickiness: () => ({ kind: "quotient", of: "days", numerator: active, denominator: active, windowDays: 30 }),
    votes_per_user: () => perUser(typed("vote_content")),
    rooms_joined_per_user: () => perUser(typed("join_room")),
    matches_per_user: () => perUser(typed("match_found")),
    concurrent_sessions: () => ({ kind: "peak", facts: sessions(events).map((session) => ({ ...session, untilMs: session.endMs })) }),
    recommendation_acceptance: () => ({
      kind: "ratio",
      facts: each(
        typed("vote_content").filter(({ properties }) => properties["recommended"] === true),
        ({ properties }) => ({ numerator: properties["vote"] === "like" ? 1 : 0, denominator: 1 }),
      ),
    }),
    content_views: () => counted([...typed("title_shown"), ...typed("media_viewed")]),
    matching_power: () => ({
      kind: "ratio",
      facts: groupsBy(typed("vote_content"), ({ roomId, properties }) => roomId && `${roomId} ${properties["contentId"]}`).map((list) => {
        const first = list[0] as StoredEvent;
        const { contentId } = first.properties;
        const matched = typed("match_found").some((match) => match.roomId === first.roomId && match.properties["contentId"] === contentId);
        const dimensions = { ...titleDimensionsOf(first), contentId: [contentId as string] };
        return { atMs: first.timestampMs, dimensions, numerator: matched ? 1 : 0, denominator: 1 };
      }),
    }),
    participation_rate: () => ratioOfCreated(({ members, votingMembers }) => ({ numerator: votingMembers, denominator: members })),
    votes_per_member: () => ratioOfCreated(({ votes, voters }) => ({ numerator: votes, denominator: voters })),
    votes_per_match: () => ratioOfCreated(({ votes, matches }) => ({ numerator: votes, denominator: matches })),
    content_discovery_rate: () =>
      ratioOfCreated(({ titlesVoted, titlesOffered }) => ({ numerator: titlesVoted, denominator: titlesOffered })),
    match_success_rate: () => ({
      kind: "ratio",
      facts: rooms(events).flatMap(({ startMs, dimensions, matches }) =>
        startMs === null ? [] : [{ atMs: startMs, dimensions, numerator: matches > 0 ? 1 : 0, denominator: 1 }],
      ),
    }),
    room_duration: () => ({
      kind: "duration",
      isProvisional: true,
      facts: ended.flatMap((room) =>
        room.createdMs === null ? [] : [{ ...room, durationsMs: [Math.max(0, room.atMs - room.createdMs)] }],
      ),
    }),
    dropout_rate: () => ratioOfEnded(ended, ({ droppedOut, members }) => ({ numerator: droppedOut, denominator: members })),
    match_quality: () => ratioOfEnded(agreed, ({ matchedLikes, matchedVotes }) => ({ numerator: matchedLikes, denominator: matchedVotes })),
    room_satisfaction: () => ({
      kind: "satisfaction",
      isProvisional: true,
      facts: ended.map((room) => ({
        ...room,
        agreed: room.ending === "consensus",
        timeMs: room.ending === "consensus" && room.startMs !== null ? Math.max(0, room.agreedMs - room.startMs) : null,
      })),
    }),
    resource_usage: () => ({ kind: "duration", facts: observations }),
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
    rooms_ended: () => ({ kind: "count", isProvisional: true, facts: ended.map((room) => ({ ...room, count: 1 })) }),
    consensus_rate: () => ({
      kind: "ratio",
      isProvisional: true,
      facts: ended.map((room) => ({ ...room, numerator: room.ending === "consensus" ? 1 : 0, denominator: 1 })),
    }),
    time_to_consensus: () => ({
      kind: "duration",
      isProvisional: true,
      facts: agreed.flatMap((room) =>
        room.startMs === null ? [] : [{ ...room, durationsMs: [Math.max(0, room.agreedMs - room.startMs)] }],
      ),
    }),
    seat_fill_rate: () => ({
      kind: "ratio",
      facts: created.flatMap((room) =>
        room.seats === null ? [] : [{ ...room, numerator: Math.min(room.members, room.seats), denominator: room.seats }],
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
      dimensions: contextOf(first),
      user: first.userId,
    };
  });
}

function rooms(events: readonly StoredEvent[]) {
  return groupsBy(events, ({ roomId }) => roomId).map((list) => {
    const typed = (...types: readonly string[]) => list.filter(({ eventType }) => types.includes(eventType));
    const firstOf = (...types: readonly string[]) => typed(...types)[0]?.timestampMs ?? null;
    const usersOf = (some: readonly StoredEvent[]) => new Set(some.flatMap(({ userId }) => userId ?? []));
    const [creation] = typed("room_created");
    const { seats = null, titleCount = 0 } = (creation?.properties ?? {}) as { seats?: number; titleCount?: number };
    const { mediaType = [], genre = [] } = creation === undefined ? {} : titleDimensionsOf(creation);
    const end = endOfRoom(firstOf("match_found", "consensus_achieved"), firstOf("room_completed", "no_consensus"), list);
    const members = usersOf(typed("room_created", "join_room"));
    const votes = typed("vote_content");
    const matchedTitles = new Set(typed("match_found").map(({ properties }) => properties["contentId"]));
    const onMatched = votes.filter(({ properties }) => matchedTitles.has(properties["contentId"]));
    const titlesOf = (some: readonly StoredEvent[]) => new Set(some.flatMap(({ properties }) => properties["contentId"] ?? [])).size;
    return {
      dimensions: {
        roomSize: [seats === null ? "unknown" : String(seats)],
        mediaType: mediaType.length === 0 ? ["unknown"] : mediaType,
        genre: genre.length === 0 ? ["unknown"] : genre,
      },
      createdMs: creation?.timestampMs ?? null,
      startMs: firstOf("room_started") ?? firstOf("vote_content"),
      seats,
      members: members.size,
      votingMembers: members.intersection(usersOf(votes)).size,
      droppedOut: [...members].filter((userId) =>
        droppedOut(
          list.filter((event) => event.userId === userId),
          end.atMs,
        ),
      ).length,
      votes: votes.length,
      voters: usersOf(votes).size,
      matches: typed("match_found").length,
      titlesVoted: titlesOf(votes),
      titlesOffered: Math.max(titleCount > 100_000 ? 0 : titleCount, titlesOf([...votes, ...typed("title_shown")])),
      matchedVotes: onMatched.length,
      matchedLikes: onMatched.filter(({ properties }) => properties["vote"] === "like").length,
      agreedMs: (firstOf("consensus_achieved") ?? firstOf("match_found")) as number,
      end,
    };
  });
}

/** Gone before the end and not come back, or reported silent before it and not seen since. */
function droppedOut(own: readonly StoredEvent[], endMs: number): boolean {
  const lastOf = (some: readonly StoredEvent[]) => some.at(-1)?.timestampMs ?? Number.NEGATIVE_INFINITY;
  const isSilence = ({ eventType }: StoredEvent) => eventType === "member_inactive";
  const leftMs = lastOf(own.filter(({ eventType }) => eventType === "leave_room"));
  const joinedMs = lastOf(own.filter(({ eventType }) => eventType === "join_room" || eventType === "room_created"));
  const silentMs = lastOf(
    own.filter((event) => isSilence(event) && event.properties["level"] !== "warning" && event.properties["level"] !== undefined),
  );
  const activeMs = lastOf(own.filter((event) => !isSilence(event)));
  return (leftMs > joinedMs && leftMs < endMs) || (silentMs > activeMs && silentMs < endMs);
}

export function favouriteGenreOf(own: readonly StoredEvent[]): string {
  const liked = own
    .filter(({ eventType, properties }) => eventType === "vote_content" && properties["vote"] === "like")
    .flatMap(({ properties }) => [...new Set((properties["genres"] as readonly string[] | undefined) ?? [])]);
  const countOf = (genre: string) => liked.filter((other) => other === genre).length;
  return liked.sort((a, b) => countOf(b) - countOf(a) || (a < b ? -1 : 1))[0] ?? "unknown";
}

const resources: Readonly<Record<string, string>> = {
  "process.cpu.utilization": "cpu",
  "process.memory.usage": "memory",
  "nodejs.eventloop.delay.p99": "event_loop_delay",
};

function observationsOf({ eventType, timestampMs, properties }: StoredEvent): readonly OracleFact[] {
  const { metric, value, count = 0, sum = 0, service } = properties as Record<string, number> & { metric?: string };
  const resource = eventType === "metric_point" ? resources[metric ?? ""] : undefined;
  if (resource === undefined) return [];
  const values = value === undefined ? new Array<number>(count > 1e13 ? 0 : count).fill(sum / count) : [value];
  const dimensions = { resource: [resource], service: [String(service)] };
  return values
    .map((one) => (resource === "memory" ? one / 1024 / 1024 : one))
    .filter((one) => Math.round(one * 1e6) >= 0 && one <= 1e7)
    .map((one) => ({ atMs: timestampMs, dimensions, durationsMs: [Math.round(one * 1e6) / 1e6] }));
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
    ...contextOf(event),
    eventType: [event.eventType],
    ...titleDimensionsOf(event),
    ...Object.fromEntries(properties.map(([name, value]) => [name, [String(value)]])),
  };
}

function contextOf({ context, source }: StoredEvent): OracleFact["dimensions"] {
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

/** In order of time, where times are equal of the sender's number or the place in its request, and then of id. */
export function inOrder(a: StoredEvent, b: StoredEvent): number {
  const numberOf = ({ sequence, position }: StoredEvent) => sequence ?? position?.index ?? 0;
  return a.timestampMs - b.timestampMs || numberOf(a) - numberOf(b) || (a.eventId < b.eventId ? -1 : 1);
}

/** @returns the events of each key, in the order they came in; those without a key are left out */
function groupsBy(events: readonly StoredEvent[], keyOf: (event: StoredEvent) => string | null): readonly (readonly StoredEvent[])[] {
  const keys = new Set(events.map(keyOf).filter((key) => key !== null));
  return [...keys].map((key) => events.filter((event) => keyOf(event) === key));
}
