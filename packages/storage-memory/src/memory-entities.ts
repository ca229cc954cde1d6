import { type Entity, type EntityMaps, type EntityReads, type EntityRef, type EntityWrite, noEntities } from "@trinity/aggregation/entity";
import { type EntityKind, entityKinds } from "@trinity/aggregation/entity-kind";
import { inferredSessionKeysOf } from "@trinity/storage/inferred-session-keys";
import { compareUtf8 } from "@trinity/storage/text-order";

/** Entities in memory: maps from key to value, and a map from user to inferred sessions. */
export class MemoryEntities {
  readonly #byKind: Readonly<Record<EntityKind, Map<string, Entity>>> = noEntities();
  readonly #sortedKeys = new Map<EntityKind, readonly string[]>();
  readonly #runKeysByUser = new Map<string, Set<string>>();

  write(writes: readonly EntityWrite[]): void {
    this.#sortedKeys.clear();
    for (const { kind, key, value } of writes) {
      if (value === null) this.#byKind[kind].delete(key);
      else this.#byKind[kind].set(key, value);
      if (kind === "run") this.#listInferredSession(key, value !== null);
    }
  }

  read({ refs, runs }: EntityReads): EntityMaps {
    const found: Readonly<Record<EntityKind, Map<string, Entity>>> = noEntities();
    const copy = (kind: EntityKind, key: string) => {
      const value = this.#byKind[kind].get(key);
      if (value !== undefined) found[kind].set(key, value);
    };
    for (const { kind, key } of refs) copy(kind, key);
    for (const range of runs) {
      const { from, to } = inferredSessionKeysOf(range);
      const keys = [...(this.#runKeysByUser.get(range.userId) ?? [])].sort(compareUtf8);
      const predecessor = keys.findLast((key) => key < from);
      if (predecessor !== undefined) copy("run", predecessor);
      for (const key of keys) if (key >= from && key <= to) copy("run", key);
    }
    return found as EntityMaps;
  }

  /** In order of key, after `afterKey`. */
  scan(kind: EntityKind, afterKey: string, limit: number): readonly { readonly key: string; readonly value: Entity }[] {
    const keys = this.#keysAfter(kind, afterKey).slice(0, limit);
    return keys.map((key) => ({ key, value: this.#byKind[kind].get(key) as Entity }));
  }

  /** All kinds in order of kind and key, after `after`. */
  *after(after: EntityRef | null): Generator<EntityRef & { readonly value: Entity }> {
    for (const kind of [...entityKinds].sort(compareUtf8)) {
      const order = after === null ? 1 : compareUtf8(kind, after.kind);
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
    const userId = key.slice(0, key.lastIndexOf("/"));
    let keys = this.#runKeysByUser.get(userId);
    if (keys === undefined) this.#runKeysByUser.set(userId, (keys = new Set()));
    if (exists) keys.add(key);
    else keys.delete(key);
  }
}
