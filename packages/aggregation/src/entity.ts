import type { StoredEvent } from "@trinity/events/event";
import type { Contribution } from "./contribution.ts";
import { type Change, partPrefixOf } from "./entities/entity-declaration.ts";
import {
  addToInferredSessions,
  belongsToInferredSession,
  inferredSessionKey,
  sessionGapMs,
  userOfInferredSession,
} from "./entities/inferred-session.ts";
import type { Session } from "./entities/session.ts";
import { type Entity, type EntityKind, type EntityOf, entityDeclaration, entityKinds } from "./entity-kind.ts";
import { isTelemetry } from "./telemetry-event.ts";

/** Names one entity. */
export type EntityRef = { readonly kind: EntityKind; readonly key: string };
export type EntityWrite = EntityRef & { readonly value: Entity | null };
/** An entity as it was and as it is to be written. */
export type EntityChange = EntityWrite & { readonly before: Entity | undefined };

export type EntityMaps = { readonly [Kind in EntityKind]: Map<string, EntityOf[Kind]> };

export function noEntities(): EntityMaps {
  return Object.fromEntries(entityKinds.map((kind) => [kind, new Map()])) as unknown as EntityMaps;
}

/** The inferred sessions of a user that start in `[fromMs, toMs]`, and the last one that starts before. */
export type InferredSessionRange = { readonly userId: string; readonly fromMs: number; readonly toMs: number };

/** What must be read before events can be folded. */
export type EntityReads = { readonly refs: readonly EntityRef[]; readonly inferredSessions: readonly InferredSessionRange[] };

type MergedKind = { readonly kind: EntityKind; readonly declaration: ReturnType<typeof entityDeclaration> };

// Parts before the entities that they are parts of: in this order an event is merged into them.
const mergeOrder: readonly MergedKind[] = [true, false].flatMap((isPart) =>
  entityKinds
    .map((kind) => ({ kind, declaration: entityDeclaration(kind) }))
    .filter(({ declaration }) => (declaration.partOf !== null) === isPart),
);
const isOfTelemetry = ({ declaration }: MergedKind) => declaration.subject === "resource";
const telemetryKinds = mergeOrder.filter(isOfTelemetry);
const productKinds = mergeOrder.filter((kind) => !isOfTelemetry(kind));

/** @returns the users of events, each once */
export function usersOf(events: readonly StoredEvent[]): ReadonlySet<string> {
  const users = new Set<string>();
  for (const event of events) if (event.userId !== null && !isTelemetry(event)) users.add(event.userId);
  return users;
}

/** @returns the entities that an event names, which is all it belongs to but the inferred session */
export function refsOf(event: StoredEvent): readonly EntityRef[] {
  return [...new NamedEntities([event]).all()];
}

/**
 * @param kinds the only ones that are named, inferred sessions apart
 * @returns the entities that folding these events will change, each once
 */
export function readsFor(events: readonly StoredEvent[], kinds: readonly EntityKind[] = entityKinds): EntityReads {
  return new NamedEntities(events, kinds).reads();
}

/** An entity while events are merged into it; before its first event it has no value. */
type NamedEntity = EntityRef & {
  readonly declaration: ReturnType<typeof entityDeclaration>;
  before: Entity | undefined;
  value: Entity | undefined;
};

/** The entities that events name, each once. Keys are looked up here and nowhere else: it is half of the work of merging events. */
export class NamedEntities {
  readonly events: readonly StoredEvent[];
  /** For each event, in the order in which it is merged into them. */
  readonly ofEvent: readonly (readonly NamedEntity[])[];
  readonly #byKind = new Map(entityKinds.map((kind) => [kind, new Map<string, NamedEntity>()]));
  /** Parts by the room that they are in, then by the rest of their keys: so keys are joined once for each part. */
  readonly #parts = new Map(entityKinds.map((kind) => [kind, new Map<string, Map<string, NamedEntity>>()]));

  /** @param kinds the only ones that are named */
  constructor(events: readonly StoredEvent[], kinds: readonly EntityKind[] = entityKinds) {
    this.events = events;
    const isWanted = ({ kind }: MergedKind) => kinds.includes(kind);
    const [ofTelemetry, ofProduct] = [telemetryKinds.filter(isWanted), productKinds.filter(isWanted)];
    this.ofEvent = events.map((event) => this.#namedBy(event, isTelemetry(event) ? ofTelemetry : ofProduct));
  }

  *all(): Generator<NamedEntity> {
    for (const ofKind of this.#byKind.values()) yield* ofKind.values();
    for (const ofKind of this.#parts.values()) for (const ofRoom of ofKind.values()) yield* ofRoom.values();
  }

  find(kind: EntityKind, key: string): NamedEntity | undefined {
    return this.#byKind.get(kind)?.get(key);
  }

  /** What must be read before the events can be folded. */
  reads(): EntityReads {
    const ranges = new Map<string, InferredSessionRange>();
    for (const event of this.events) {
      if (!belongsToInferredSession(event)) continue;
      const userId = event.userId as string;
      const range = ranges.get(userId);
      const fromMs = event.timestampMs - sessionGapMs;
      const toMs = event.timestampMs + sessionGapMs;
      ranges.set(userId, range === undefined ? { userId, fromMs, toMs } : widened(range, fromMs, toMs));
    }
    return { refs: [...this.all()], inferredSessions: [...ranges.values()] };
  }

  #namedBy(event: StoredEvent, kinds: readonly MergedKind[]): readonly NamedEntity[] {
    const named: NamedEntity[] = [];
    for (const { kind, declaration } of kinds) {
      for (const key of declaration.keysOf(event)) {
        named.push(declaration.partOf === null ? this.#entity(kind, key) : this.#part(kind, event.roomId as string, key));
      }
    }
    return named;
  }

  #entity(kind: EntityKind, key: string): NamedEntity {
    const ofKind = this.#byKind.get(kind) as Map<string, NamedEntity>;
    let entity = ofKind.get(key);
    if (entity === undefined) ofKind.set(key, (entity = namedEntity(kind, key)));
    return entity;
  }

  #part(kind: EntityKind, roomId: string, key: string): NamedEntity {
    const ofKind = this.#parts.get(kind) as Map<string, Map<string, NamedEntity>>;
    let ofRoom = ofKind.get(roomId);
    if (ofRoom === undefined) ofKind.set(roomId, (ofRoom = new Map()));
    let part = ofRoom.get(key);
    if (part === undefined) ofRoom.set(key, (part = namedEntity(kind, partPrefixOf(roomId) + key)));
    return part;
  }
}

function namedEntity(kind: EntityKind, key: string): NamedEntity {
  return { kind, key, declaration: entityDeclaration(kind), before: undefined, value: undefined };
}

function widened(range: InferredSessionRange, fromMs: number, toMs: number): InferredSessionRange {
  return { userId: range.userId, fromMs: Math.min(range.fromMs, fromMs), toMs: Math.max(range.toMs, toMs) };
}

type AnyMaps = Readonly<Record<EntityKind, ReadonlyMap<string, Entity>>>;

/** Entities while events are merged into them. An entity that was not read counts as new. */
export class EntityDraft {
  readonly #named: NamedEntities;
  readonly #before: AnyMaps;
  readonly #inferredSessions = new Map<string, readonly Session[]>();
  #users: number;

  /**
   * @param named by the events that are to be merged
   * @param users how many users have a number; the next new one gets this number
   */
  constructor(named: NamedEntities, before: EntityMaps, users: number) {
    this.#named = named;
    this.#before = before;
    this.#users = users;
    for (const entity of named.all()) entity.value = entity.before = this.#before[entity.kind].get(entity.key);
    for (const [key, session] of before.inferredSession) {
      const userId = userOfInferredSession(key);
      const sessions = [...(this.#inferredSessions.get(userId) ?? []), session];
      this.#inferredSessions.set(
        userId,
        sessions.sort((a, b) => a.startMs - b.startMs),
      );
    }
  }

  get users(): number {
    return this.#users;
  }

  /** @param place of the event among those that named the entities */
  merge(place: number): void {
    const event = this.#named.events[place] as StoredEvent;
    const changedParts: Partial<Record<EntityKind, Change<Entity>>> = {};
    for (const entity of this.#named.ofEvent[place] as readonly NamedEntity[]) {
      const { kind, key, declaration, value: before } = entity;
      const after = declaration.merge(before, event, { key, changedParts, nextUserNumber: this.#users });
      entity.value = after;
      if (declaration.partOf !== null) changedParts[kind] = { before, after };
      if (kind === "user" && before === undefined) this.#users += 1;
    }
    if (belongsToInferredSession(event)) this.#mergeInferredSession(event.userId as string, event);
  }

  /** @throws {RangeError} for a user that no merged event named */
  numberOf(userId: string): number {
    const user = this.#named.find("user", userId)?.value;
    if (user === undefined) throw new RangeError("this user was never merged");
    return (user as EntityOf["user"]).number;
  }

  /** @returns every entity that changed, its value `null` if it no longer exists */
  changes(): readonly EntityChange[] {
    const changes: EntityChange[] = [];
    for (const { kind, key, before, value } of this.#named.all()) {
      if (value !== undefined && value !== before) changes.push({ kind, key, before, value });
    }
    const before = this.#before.inferredSession;
    const left = new Set(before.keys());
    for (const [userId, sessions] of this.#inferredSessions) {
      for (const value of sessions) {
        const key = inferredSessionKey(userId, value.startMs);
        left.delete(key);
        if (value !== before.get(key)) changes.push({ kind: "inferredSession", key, before: before.get(key), value });
      }
    }
    for (const key of left) changes.push({ kind: "inferredSession", key, before: before.get(key), value: null });
    return changes;
  }

  #mergeInferredSession(userId: string, event: StoredEvent): void {
    this.#inferredSessions.set(userId, addToInferredSessions(this.#inferredSessions.get(userId) ?? [], event));
  }
}

/** @returns what an entity adds to the measures; nothing if there is none */
export function contributionsOfEntity({ kind, key }: EntityRef, entity: Entity | null | undefined): readonly Contribution[] {
  return entity === null || entity === undefined ? [] : entityDeclaration(kind).contributions(entity, key);
}
