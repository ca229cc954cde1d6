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

export type EntityMaps = { readonly [Kind in EntityKind]: Map<string, EntityOf[Kind]> };

export function noEntities(): EntityMaps {
  return Object.fromEntries(entityKinds.map((kind) => [kind, new Map()])) as unknown as EntityMaps;
}

/** The inferred sessions of a user that start in `[fromMs, toMs]`, and the last one that starts before. */
export type InferredSessionRange = { readonly userId: string; readonly fromMs: number; readonly toMs: number };

/** What must be read before events can be folded. */
export type EntityReads = { readonly refs: readonly EntityRef[]; readonly inferredSessions: readonly InferredSessionRange[] };

// Parts before the entities that they are parts of.
const mergeOrder = [true, false].flatMap((isPart) => entityKinds.filter((kind) => (entityDeclaration(kind).partOf !== null) === isPart));
const isOfTelemetry = (kind: EntityKind) => entityDeclaration(kind).subject === "resource";
const telemetryKinds = mergeOrder.filter(isOfTelemetry);
const productKinds = mergeOrder.filter((kind) => !isOfTelemetry(kind));

/** @returns the users of events, each once */
export function usersOf(events: readonly StoredEvent[]): ReadonlySet<string> {
  const users = new Set<string>();
  for (const event of events) if (!isTelemetry(event)) for (const userId of userEntity.keysOf(event)) users.add(userId);
  return users;
}

/** @returns the entities that an event names, which is all it belongs to but the inferred session */
export function refsOf(event: StoredEvent): readonly EntityRef[] {
  const refs: EntityRef[] = [];
  for (const kind of isTelemetry(event) ? telemetryKinds : productKinds) {
    for (const key of entityDeclaration(kind).keysOf(event)) refs.push({ kind, key });
  }
  return refs;
}

/** @returns what events name, each entity once, in order of kind */
function distinctRefsOf(events: Iterable<StoredEvent>, kinds: readonly EntityKind[]): readonly EntityRef[] {
  const keys = new Map(kinds.map((kind) => [kind, new Set<string>()]));
  for (const event of events) {
    for (const kind of isTelemetry(event) ? telemetryKinds : productKinds) {
      const ofKind = keys.get(kind);
      if (ofKind !== undefined) for (const key of entityDeclaration(kind).keysOf(event)) ofKind.add(key);
    }
  }
  return [...keys].flatMap(([kind, ofKind]) => [...ofKind].map((key) => ({ kind, key })));
}

/**
 * @param kinds the only ones that are named, inferred sessions apart
 * @returns the entities that folding these events will change, each once
 */
export function readsFor(events: readonly StoredEvent[], kinds: readonly EntityKind[] = entityKinds): EntityReads {
  const ranges = new Map<string, InferredSessionRange>();
  for (const event of events) {
    if (!belongsToInferredSession(event)) continue;
    const userId = event.userId as string;
    const range = ranges.get(userId);
    const fromMs = event.timestampMs - sessionGapMs;
    const toMs = event.timestampMs + sessionGapMs;
    ranges.set(userId, range === undefined ? { userId, fromMs, toMs } : widened(range, fromMs, toMs));
  }
  return { refs: distinctRefsOf(events, kinds), inferredSessions: [...ranges.values()] };
}

function widened(range: InferredSessionRange, fromMs: number, toMs: number): InferredSessionRange {
  return { userId: range.userId, fromMs: Math.min(range.fromMs, fromMs), toMs: Math.max(range.toMs, toMs) };
}

type AnyMaps = Readonly<Record<EntityKind, Map<string, Entity>>>;

/** Entities while events are merged into them. An entity that was not read counts as new. */
export class EntityDraft {
  readonly #before: AnyMaps;
  readonly #after = noEntities() as AnyMaps;
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
    for (const kind of isTelemetry(event) ? telemetryKinds : productKinds) {
      const declaration = entityDeclaration(kind);
      for (const key of declaration.keysOf(event)) {
        const before = this.#after[kind].get(key) ?? this.#before[kind].get(key);
        const after = declaration.merge(before, event, { key, changedParts, nextUserNumber: this.#users });
        this.#after[kind].set(key, after);
        if (declaration.partOf !== null) changedParts[kind] = { before, after };
        if (kind === "user" && before === undefined) this.#users += 1;
      }
    }
    if (belongsToInferredSession(event)) this.#mergeInferredSession(event.userId as string, event);
  }

  /** @throws {RangeError} for a user that no merged event named */
  numberOf(userId: string): number {
    const user = this.#after.user.get(userId) ?? this.#before.user.get(userId);
    if (user === undefined) throw new RangeError("this user was never merged");
    return (user as EntityOf["user"]).number;
  }

  /** @returns every entity that changed, `null` if it no longer exists */
  writes(): readonly EntityWrite[] {
    const inferredSession = new Map<string, Entity>();
    for (const [userId, sessions] of this.#inferredSessions)
      for (const session of sessions) inferredSession.set(inferredSessionKey(userId, session.startMs), session);
    const writes: EntityWrite[] = [];
    for (const key of this.#before.inferredSession.keys())
      if (!inferredSession.has(key)) writes.push({ kind: "inferredSession", key, value: null });
    const after = { ...this.#after, inferredSession };
    for (const kind of entityKinds) {
      for (const [key, value] of after[kind]) if (value !== this.#before[kind].get(key)) writes.push({ kind, key, value });
    }
    return writes;
  }

  #mergeInferredSession(userId: string, event: StoredEvent): void {
    this.#inferredSessions.set(userId, addToInferredSessions(this.#inferredSessions.get(userId) ?? [], event));
  }
}

/** @returns what an entity adds to the measures; nothing if there is none */
export function contributionsOfEntity({ kind, key }: EntityRef, entity: Entity | null | undefined): readonly Contribution[] {
  return entity === null || entity === undefined ? [] : entityDeclaration(kind).contributions(entity, key);
}
