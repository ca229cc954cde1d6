import { type EntityMaps, type EntityReads, type EntityRef, type EntityWrite, noEntities } from "@trinity/aggregation/entity";
import { partPrefixOf } from "@trinity/aggregation/entity-declaration";
import {
  type Entity,
  type EntityKind,
  type EntityOf,
  entityKinds,
  type PartKind,
  type PartMap,
  storedKindOf,
} from "@trinity/aggregation/entity-kind";
import { userOfInferredSession } from "@trinity/aggregation/inferred-session";
import { inferredSessionKeysOf } from "@trinity/storage/inferred-session-keys";
import type { StoredRef } from "@trinity/storage/state-row";
import { compareUtf8 } from "@trinity/storage/text-order";

const kindsInStoredOrder = [...entityKinds].sort((a, b) => compareUtf8(storedKindOf(a), storedKindOf(b)));

/** Entities in memory: maps from key to value, and a map from user to inferred sessions. */
export class MemoryEntities {
  readonly #byKind: Readonly<Record<EntityKind, Map<string, Entity>>> = noEntities();
  readonly #sortedKeys = new Map<EntityKind, readonly string[]>();
  readonly #inferredSessionKeys = new Map<string, Set<string>>();

  write(writes: readonly EntityWrite[]): void {
    this.#sortedKeys.clear();
    for (const { kind, key, value } of writes) {
      if (value === null) this.#byKind[kind].delete(key);
      else this.#byKind[kind].set(key, value);
      if (kind === "inferredSession") this.#listInferredSession(key, value !== null);
    }
  }

  read({ refs, inferredSessions }: EntityReads): EntityMaps {
    const found: Readonly<Record<EntityKind, Map<string, Entity>>> = noEntities();
    const copy = (kind: EntityKind, key: string) => {
      const value = this.#byKind[kind].get(key);
      if (value !== undefined) found[kind].set(key, value);
    };
    for (const { kind, key } of refs) copy(kind, key);
    for (const range of inferredSessions) {
      const { from, to } = inferredSessionKeysOf(range);
      const keys = [...(this.#inferredSessionKeys.get(range.userId) ?? [])].sort(compareUtf8);
      const predecessor = keys.findLast((key) => key < from);
      if (predecessor !== undefined) copy("inferredSession", predecessor);
      for (const key of keys) if (key >= from && key <= to) copy("inferredSession", key);
    }
    return found as EntityMaps;
  }

  parts<Kind extends PartKind>(kind: Kind, entityKeys: readonly string[]): readonly PartMap<Kind>[] {
    return entityKeys.map((entityKey) => {
      const prefix = partPrefixOf(entityKey);
      const keys = this.#keysInOrder(kind).filter((key) => key.startsWith(prefix));
      return new Map(keys.map((key) => [key.slice(prefix.length), this.#byKind[kind].get(key) as EntityOf[Kind]]));
    });
  }

  /** In order of key, after `afterKey`. */
  scan(kind: EntityKind, afterKey: string, limit: number): readonly { readonly key: string; readonly value: Entity }[] {
    const keys = this.#keysAfter(kind, afterKey).slice(0, limit);
    return keys.map((key) => ({ key, value: this.#byKind[kind].get(key) as Entity }));
  }

  /** All entities after `after`, in the order of stored rows. */
  *after(after: StoredRef | null): Generator<EntityRef & { readonly value: Entity }> {
    for (const kind of kindsInStoredOrder) {
      const order = after === null ? 1 : compareUtf8(storedKindOf(kind), after.kind);
      if (order < 0) continue;
      const afterKey = order === 0 ? (after?.key ?? "") : "";
      for (const key of this.#keysAfter(kind, afterKey)) yield { kind, key, value: this.#byKind[kind].get(key) as Entity };
    }
  }

  #keysAfter(kind: EntityKind, afterKey: string): readonly string[] {
    const keys = this.#keysInOrder(kind);
    const first = keys.findIndex((key) => compareUtf8(key, afterKey) > 0);
    return first === -1 ? [] : keys.slice(first);
  }

  // Sorted once for all pages of a scan.
  #keysInOrder(kind: EntityKind): readonly string[] {
    let keys = this.#sortedKeys.get(kind);
    if (keys === undefined) this.#sortedKeys.set(kind, (keys = [...this.#byKind[kind].keys()].sort(compareUtf8)));
    return keys;
  }

  #listInferredSession(key: string, exists: boolean): void {
    const userId = userOfInferredSession(key);
    let keys = this.#inferredSessionKeys.get(userId);
    if (keys === undefined) this.#inferredSessionKeys.set(userId, (keys = new Set()));
    if (exists) keys.add(key);
    else keys.delete(key);
  }
}
