import type { StoredEvent } from "@trinity/events/event";
import type { Contribution } from "./contribution.ts";
import type { Change } from "./entities/entity-declaration.ts";
import {
  addToInferredSessions,
  belongsToInferredSession,
  inferredSessionKey,
  sessionGapMs,
  userOfInferredSession,
} from "./entities/inferred-session.ts";
import type { Session } from "./entities/session.ts";
import { userEntity } from "./entities/user.ts";
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

// Parts before the entities that they are parts of.
const mergeOrder = [true, false].flatMap((isPart) =>
  entityKinds
    .map((kind) => ({ kind, declaration: entityDeclaration(kind) }))
    .filter(({ declaration }) => (declaration.partOf !== null) === isPart),
);
const [telemetryKinds, productKinds] = [true, false].map((isOfTelemetry) =>
  mergeOrder.filter(({ declaration }) => (declaration.subject === "resource") === isOfTelemetry),
) as [typeof mergeOrder, typeof mergeOrder];

/** @returns the kinds of entities that an event may name, in the order in which it is merged into them */
function mergedKindsOf(event: StoredEvent): typeof mergeOrder {
  return isTelemetry(event) ? telemetryKinds : productKinds;
}

/** @returns the users of events, each once */
export function usersOf(events: readonly StoredEvent[]): ReadonlySet<string> {
  const users = new Set<string>();
  for (const event of events) if (!isTelemetry(event)) for (const userId of userEntity.keysOf(event)) users.add(userId);
  return users;
}

/** @returns the entities that an event names, which is all it belongs to but the inferred session */
export function refsOf(event: StoredEvent): readonly EntityRef[] {
  const refs: EntityRef[] = [];
  for (const { kind, declaration } of mergedKindsOf(event)) for (const key of declaration.keysOf(event)) refs.push({ kind, key });
  return refs;
}

/** @returns what events name, each entity once */
function distinctRefsOf(events: Iterable<StoredEvent>): readonly EntityRef[] {
  const keys = new Map(entityKinds.map((kind) => [kind, new Set<string>()]));
  for (const event of events) {
    for (const { kind, declaration } of mergedKindsOf(event)) for (const key of declaration.keysOf(event)) keys.get(kind)?.add(key);
  }
  return [...keys].flatMap(([kind, ofKind]) => [...ofKind].map((key) => ({ kind, key })));
}

/** @returns the entities that folding these events will change, each once */
export function readsFor(events: readonly StoredEvent[]): EntityReads {
  const ranges = new Map<string, InferredSessionRange>();
  for (const event of events) {
    if (!belongsToInferredSession(event)) continue;
    const userId = event.userId as string;
    const range = ranges.get(userId);
    const fromMs = event.timestampMs - sessionGapMs;
    const toMs = event.timestampMs + sessionGapMs;
    ranges.set(userId, range === undefined ? { userId, fromMs, toMs } : widened(range, fromMs, toMs));
  }
  return { refs: distinctRefsOf(events), inferredSessions: [...ranges.values()] };
}

function widened(range: InferredSessionRange, fromMs: number, toMs: number): InferredSessionRange {
  return { userId: range.userId, fromMs: Math.min(range.fromMs, fromMs), toMs: Math.max(range.toMs, toMs) };
}

type AnyMaps = Readonly<Record<EntityKind, Map<string, Entity>>>;
/** An entity while events are merged into it: `undefined` before its first event. */
type DraftedEntity = EntityRef & { readonly before: Entity | undefined; value: Entity | undefined };

/** Entities while events are merged into them. An entity that was not read counts as new. */
export class EntityDraft {
  readonly #before: AnyMaps;
  readonly #drafted = new Map(entityKinds.map((kind) => [kind, new Map<string, DraftedEntity>()]));
  readonly #inferredSessions = new Map<string, readonly Session[]>();
  #users: number;

  /** @param users how many users have a number; the next new one gets this number */
  constructor(before: EntityMaps, users: number) {
    this.#before = before as AnyMaps;
    this.#users = users;
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

  merge(event: StoredEvent): void {
    const changedParts: Partial<Record<EntityKind, Change<Entity>>> = {};
    for (const { kind, declaration } of mergedKindsOf(event)) {
      for (const key of declaration.keysOf(event)) {
        const entity = this.#draftOf(kind, key);
        const before = entity.value;
        const after = declaration.merge(before, event, { key, changedParts, nextUserNumber: this.#users });
        entity.value = after;
        if (declaration.partOf !== null) changedParts[kind] = { before, after };
        if (kind === "user" && before === undefined) this.#users += 1;
      }
    }
    if (belongsToInferredSession(event)) this.#mergeInferredSession(event.userId as string, event);
  }

  /** @throws {RangeError} for a user that no merged event named */
  numberOf(userId: string): number {
    const user = this.#draftOf("user", userId).value;
    if (user === undefined) throw new RangeError("this user was never merged");
    return (user as EntityOf["user"]).number;
  }

  /** @returns every entity that changed, its value `null` if it no longer exists */
  changes(): readonly EntityChange[] {
    const changes: EntityChange[] = [];
    for (const ofKind of this.#drafted.values()) {
      for (const { kind, key, before, value = null } of ofKind.values()) if (value !== before) changes.push({ kind, key, before, value });
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

  #draftOf(kind: EntityKind, key: string): DraftedEntity {
    const ofKind = this.#drafted.get(kind) as Map<string, DraftedEntity>;
    let entity = ofKind.get(key);
    if (entity === undefined) {
      const before = this.#before[kind].get(key);
      ofKind.set(key, (entity = { kind, key, before, value: before }));
    }
    return entity;
  }

  #mergeInferredSession(userId: string, event: StoredEvent): void {
    this.#inferredSessions.set(userId, addToInferredSessions(this.#inferredSessions.get(userId) ?? [], event));
  }
}

/** @returns what an entity adds to the measures; nothing if there is none */
export function contributionsOfEntity({ kind, key }: EntityRef, entity: Entity | null | undefined): readonly Contribution[] {
  return entity === null || entity === undefined ? [] : entityDeclaration(kind).contributions(entity, key);
}
