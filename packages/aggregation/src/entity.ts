import type { StoredEvent } from "@trinity/events/event";
import type { Contribution } from "./contribution.ts";
import { contributionsOfObservation, mergeObservation, observationKeyOf, type StateObservation } from "./entities/observation.ts";
import { type Change, contributionsOfRoom, mergeRoom, type Room } from "./entities/room.ts";
import { mergeRoomMember, type RoomMember, roomMemberKeyOf } from "./entities/room-member.ts";
import { contributionsOfRoomTitle, mergeRoomTitle, type RoomTitle, roomTitleKeyOf } from "./entities/room-title.ts";
import { addToInferredSessions, contributionsOfSession, mergeSession, type Session, sessionGapMs } from "./entities/session.ts";
import { contributionsOfWindow, mergeWindow, type StreamWindow, windowsOf } from "./entities/stream.ts";
import { contributionsOfTitle, mergeTitle, type Title } from "./entities/title.ts";
import { contributionsOfUser, mergeUser, type User } from "./entities/user.ts";
import { type EntityKind, entityKinds } from "./entity-kind.ts";
import { isTelemetry } from "./telemetry-event.ts";

/** What an entity of each kind is. */
export type EntityOf = {
  readonly user: User;
  readonly session: Session;
  readonly run: Session;
  readonly room: Room;
  readonly seat: RoomMember;
  readonly title: Title;
  readonly ballot: RoomTitle;
  readonly observation: StateObservation;
  readonly stream: StreamWindow;
};
export type Entity = EntityOf[EntityKind];

/** Names one entity. The key of a run is its user and its start, so that a user's runs lie beside each other in order of time. */
export type EntityRef = { readonly kind: EntityKind; readonly key: string };
export type EntityWrite = EntityRef & { readonly value: Entity | null };

export type EntityMaps = { readonly [Kind in EntityKind]: Map<string, EntityOf[Kind]> };

export function noEntities(): EntityMaps {
  return {
    user: new Map(),
    session: new Map(),
    run: new Map(),
    room: new Map(),
    seat: new Map(),
    title: new Map(),
    ballot: new Map(),
    observation: new Map(),
    stream: new Map(),
  };
}

/** A user's runs that start in `[fromMs, toMs]`, and the last one that starts before. */
export type InferredSessionRange = { readonly userId: string; readonly fromMs: number; readonly toMs: number };

/** What must be read before events can be folded. */
export type EntityReads = { readonly refs: readonly EntityRef[]; readonly runs: readonly InferredSessionRange[] };

export function inferredSessionKey(userId: string, startMs: number): string {
  return `${userId}/${String(startMs).padStart(15, "0")}`;
}

/** @returns the entities of an event by which erasure finds it in the log */
export function indexedRefsOf(event: StoredEvent): EntityRef[] {
  if (isTelemetry(event)) return [];
  const refs: EntityRef[] = [];
  if (event.userId !== null) refs.push({ kind: "user", key: event.userId });
  if (event.sessionId !== null) refs.push({ kind: "session", key: event.sessionId });
  if (event.roomId !== null) refs.push({ kind: "room", key: event.roomId });
  return refs;
}

/** @returns the entities an event belongs to and that it names itself: all but the run */
export function refsOf(event: StoredEvent): readonly EntityRef[] {
  if (isTelemetry(event)) return refsOfPoint(event);
  const refs = indexedRefsOf(event);
  if (typeof event.properties.contentId === "string") refs.push({ kind: "title", key: event.properties.contentId });
  const [seat, ballot] = [roomMemberKeyOf(event), roomTitleKeyOf(event)];
  if (seat !== null) refs.push({ kind: "seat", key: seat });
  if (ballot !== null) refs.push({ kind: "ballot", key: ballot });
  return refs;
}

function refsOfPoint(event: StoredEvent): readonly EntityRef[] {
  const observation = observationKeyOf(event);
  if (observation !== null) return [{ kind: "observation", key: observation }];
  return windowsOf(event).map(({ key }) => ({ kind: "stream", key }));
}

/** True for an event that belongs to a run: somebody's, in a session that nobody named. */
export function belongsToInferredSession(event: StoredEvent): boolean {
  return event.userId !== null && event.sessionId === null && !isTelemetry(event);
}

/** @returns what events name, each entity once */
export function distinctRefsOf(
  events: Iterable<StoredEvent>,
  named: (event: StoredEvent) => readonly EntityRef[] = refsOf,
): readonly EntityRef[] {
  const keys = new Map(entityKinds.map((kind) => [kind, new Set<string>()]));
  for (const event of events) for (const { kind, key } of named(event)) keys.get(kind)?.add(key);
  return [...keys].flatMap(([kind, ofKind]) => [...ofKind].map((key) => ({ kind, key })));
}

/** @returns the entities that folding these events will touch, each named once */
export function readsFor(events: readonly StoredEvent[]): EntityReads {
  const runs = new Map<string, InferredSessionRange>();
  for (const event of events) {
    if (!belongsToInferredSession(event)) continue;
    const userId = event.userId as string;
    const range = runs.get(userId);
    const fromMs = event.timestampMs - sessionGapMs;
    const toMs = event.timestampMs + sessionGapMs;
    runs.set(userId, range === undefined ? { userId, fromMs, toMs } : widened(range, fromMs, toMs));
  }
  return { refs: distinctRefsOf(events), runs: [...runs.values()] };
}

function widened(range: InferredSessionRange, fromMs: number, toMs: number): InferredSessionRange {
  return { userId: range.userId, fromMs: Math.min(range.fromMs, fromMs), toMs: Math.max(range.toMs, toMs) };
}

/** Entities on their way from before to after some events. What it is not told of counts as not there. */
export class EntityDraft {
  readonly #before: EntityMaps;
  readonly #after: EntityMaps = noEntities();
  readonly #runsByUser = new Map<string, readonly Session[]>();
  #users: number;

  /** @param users how many users have a number; the next new one gets this number */
  constructor(before: EntityMaps, users: number) {
    this.#before = before;
    this.#users = users;
    for (const [key, run] of before.run) this.#listInferredSession(key.slice(0, key.lastIndexOf("/")), run);
  }

  get users(): number {
    return this.#users;
  }

  merge(event: StoredEvent): void {
    if (isTelemetry(event)) return this.#mergePoint(event);
    const { userId, sessionId, roomId } = event;
    const { contentId } = event.properties;
    if (userId !== null) this.#mergeUser(userId, event);
    if (sessionId !== null) this.#change("session", sessionId, (session) => mergeSession(session, event));
    if (typeof contentId === "string") this.#change("title", contentId, (title) => mergeTitle(title, event));
    if (roomId !== null) this.#mergeRoom(roomId, event);
    if (belongsToInferredSession(event))
      this.#runsByUser.set(userId as string, addToInferredSessions(this.#runsByUser.get(userId as string) ?? [], event));
  }

  /** @throws {RangeError} for a user that no merged event named */
  numberOf(userId: string): number {
    const user = this.#current("user", userId);
    if (user === undefined) throw new RangeError("this user was never merged");
    return user.number;
  }

  /** @returns every entity that is other than it was, `null` where it is no more */
  writes(): readonly EntityWrite[] {
    const writes: EntityWrite[] = [];
    for (const kind of namedKinds) {
      for (const [key, value] of this.#after[kind]) if (value !== this.#before[kind].get(key)) writes.push({ kind, key, value });
    }
    const runs = new Map<string, Session>();
    for (const [userId, list] of this.#runsByUser) for (const run of list) runs.set(inferredSessionKey(userId, run.startMs), run);
    for (const key of this.#before.run.keys()) if (!runs.has(key)) writes.push({ kind: "run", key, value: null });
    for (const [key, value] of runs) if (value !== this.#before.run.get(key)) writes.push({ kind: "run", key, value });
    return writes;
  }

  #current<Kind extends NamedKind>(kind: Kind, key: string): EntityOf[Kind] | undefined {
    return (this.#after[kind].get(key) ?? this.#before[kind].get(key)) as EntityOf[Kind] | undefined;
  }

  #change<Kind extends NamedKind>(
    kind: Kind,
    key: string,
    merge: (before: EntityOf[Kind] | undefined) => EntityOf[Kind],
  ): Change<EntityOf[Kind]> {
    const before = this.#current(kind, key);
    const after = merge(before);
    (this.#after[kind] as Map<string, EntityOf[Kind]>).set(key, after);
    return { before, after };
  }

  /** A room takes in what an event changes in one of its seats and ballots, and never looks at the others. */
  #mergeRoom(roomId: string, event: StoredEvent): void {
    const [roomMemberKey, roomTitleKey] = [roomMemberKeyOf(event), roomTitleKeyOf(event)];
    const seat = roomMemberKey === null ? null : this.#change("seat", roomMemberKey, (before) => mergeRoomMember(before, event));
    const ballot = roomTitleKey === null ? null : this.#change("ballot", roomTitleKey, (before) => mergeRoomTitle(before, event));
    this.#change("room", roomId, (before) => mergeRoom(before, event, { seat, ballot }));
  }

  #mergePoint(event: StoredEvent): void {
    const key = observationKeyOf(event);
    if (key !== null) this.#change("observation", key, (before) => mergeObservation(before, event));
    else for (const { key, level } of windowsOf(event)) this.#change("stream", key, (before) => mergeWindow(before, event, level));
  }

  #mergeUser(userId: string, event: StoredEvent): void {
    const user = this.#current("user", userId);
    if (user === undefined) this.#users += 1;
    this.#after.user.set(userId, mergeUser(user, event, this.#users - 1));
  }

  #listInferredSession(userId: string, run: Session): void {
    this.#runsByUser.set(
      userId,
      [...(this.#runsByUser.get(userId) ?? []), run].sort((a, b) => a.startMs - b.startMs),
    );
  }
}

/** Kinds that events name themselves. */
const namedKinds = ["user", "session", "room", "seat", "title", "ballot", "observation", "stream"] as const;
type NamedKind = (typeof namedKinds)[number];

const contributionsBy: { readonly [Kind in EntityKind]: (entity: EntityOf[Kind], key: string) => readonly Contribution[] } = {
  user: contributionsOfUser,
  session: contributionsOfSession,
  run: contributionsOfSession,
  room: contributionsOfRoom,
  // A seat counts through its room.
  seat: () => [],
  title: contributionsOfTitle,
  ballot: contributionsOfRoomTitle,
  observation: contributionsOfObservation,
  stream: contributionsOfWindow,
};

/** @returns what an entity adds to the measures; nothing when there is none */
export function contributionsOfEntity({ kind, key }: EntityRef, entity: Entity | null | undefined): readonly Contribution[] {
  if (entity === null || entity === undefined) return [];
  return (contributionsBy[kind] as (entity: Entity, key: string) => readonly Contribution[])(entity, key);
}
