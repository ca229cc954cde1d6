import { type EntityMaps, type EntityReads, type EntityWrite, noEntities } from "@trinity/aggregation/entity";
import { partPrefixOf } from "@trinity/aggregation/entity-declaration";
import {
  decodeEntity,
  type Entity,
  type EntityKind,
  type EntityOf,
  encodeEntity,
  type PartKind,
  type PartMap,
  storedKindOf,
} from "@trinity/aggregation/entity-kind";
import { DamagedStateError } from "@trinity/storage/event-store";
import { inferredSessionKeysOf } from "@trinity/storage/inferred-session-keys";
import { contentOfStored, type StateRow, type StoredRef } from "@trinity/storage/state-row";
import type { Database, Statement } from "better-sqlite3";
import { decodeCompact, encodeCompact, jsonHead } from "./compact-json.ts";
import { compareRefs } from "./ref-order.ts";

/** `value` is of any type when the row is damaged. */
type EntityRow = { readonly key: string; readonly value: Uint8Array };

/** Entities as rows of compact JSON. */
export class EntityTable {
  readonly #find: Statement<[storedKind: string, key: string], Uint8Array>;
  readonly #findBefore: Statement<[storedKind: string, fromKey: string, beforeKey: string], EntityRow>;
  readonly #findBetween: Statement<[storedKind: string, fromKey: string, toKey: string], EntityRow>;
  readonly #findParts: Statement<[storedKind: string, fromKey: string, beforeKey: string], EntityRow>;
  readonly #scan: Statement<[storedKind: string, afterKey: string, limit: number], EntityRow>;
  readonly #after: Statement<[storedKind: string, key: string], EntityRow & { readonly kind: string }>;
  readonly #put: Statement<[storedKind: string, key: string, value: Uint8Array]>;
  readonly #delete: Statement<[storedKind: string, key: string]>;

  constructor(database: Database) {
    this.#find = database.prepare<[string, string], Uint8Array>("SELECT value FROM entity WHERE kind = ? AND key = ?").pluck();
    this.#findBefore = database.prepare("SELECT key, value FROM entity WHERE kind = ? AND key >= ? AND key < ? ORDER BY key DESC LIMIT 1");
    this.#findBetween = database.prepare("SELECT key, value FROM entity WHERE kind = ? AND key BETWEEN ? AND ? ORDER BY key");
    this.#findParts = database.prepare("SELECT key, value FROM entity WHERE kind = ? AND key >= ? AND key < ? ORDER BY key");
    this.#scan = database.prepare("SELECT key, value FROM entity WHERE kind = ? AND key > ? ORDER BY key LIMIT ?");
    this.#after = database.prepare("SELECT kind, key, value FROM entity WHERE (kind, key) > (?, ?) ORDER BY kind, key");
    this.#put = database.prepare("INSERT INTO entity (kind, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
    this.#delete = database.prepare("DELETE FROM entity WHERE kind = ? AND key = ?");
  }

  read({ refs, inferredSessions }: EntityReads): EntityMaps {
    const found: Readonly<Record<EntityKind, Map<string, Entity>>> = noEntities();
    for (const { kind, key } of refs) {
      const value = this.#find.get(storedKindOf(kind), key);
      if (value !== undefined) found[kind].set(key, soundEntityOf(kind, value));
    }
    const inferred = storedKindOf("inferredSession");
    for (const range of inferredSessions) {
      const { lowest, from, to } = inferredSessionKeysOf(range);
      const predecessor = this.#findBefore.get(inferred, lowest, from);
      const rows = this.#findBetween.all(inferred, from, to);
      for (const { key, value } of predecessor === undefined ? rows : [predecessor, ...rows])
        found.inferredSession.set(key, soundEntityOf("inferredSession", value));
    }
    return found as EntityMaps;
  }

  parts<Kind extends PartKind>(kind: Kind, entityKeys: readonly string[]): readonly PartMap<Kind>[] {
    return entityKeys.map((entityKey) => {
      const prefix = partPrefixOf(entityKey);
      // "0" is the character after the "/" of the prefix.
      const rows = this.#findParts.all(storedKindOf(kind), prefix, `${entityKey}0`);
      return new Map(rows.map(({ key, value }) => [key.slice(prefix.length), soundEntityOf(kind, value) as EntityOf[Kind]]));
    });
  }

  scan(kind: EntityKind, afterKey: string, limit: number): readonly { readonly key: string; readonly value: Entity }[] {
    return this.#scan.all(storedKindOf(kind), afterKey, limit).map(({ key, value }) => ({ key, value: soundEntityOf(kind, value) }));
  }

  /** All rows after `after`, in order of kind and key. */
  *rowsAfter(after: StoredRef | null): Generator<StateRow> {
    for (const { kind, key, value } of this.#after.iterate(after?.kind ?? "", after?.key ?? "")) {
      yield { key: { table: "entity", kind, key }, content: contentOfBytes(value) };
    }
  }

  /** In order of key, so that each page of the tree is written once. */
  write(writes: readonly EntityWrite[]): void {
    for (const { kind, key, value } of [...writes].sort(compareRefs)) {
      if (value === null) this.#delete.run(storedKindOf(kind), key);
      else this.#put.run(storedKindOf(kind), key, encodeCompact(encodeEntity(kind, value)));
    }
  }

  /** @returns whether there was one */
  remove({ kind, key }: StoredRef): boolean {
    return this.#delete.run(kind, key).changes > 0;
  }
}

/** @throws {DamagedStateError} */
function soundEntityOf(kind: EntityKind, value: Uint8Array): Entity {
  try {
    return decodeEntity(kind, storedOf(value));
  } catch (error) {
    throw new DamagedStateError("an entity cannot be read", { cause: error });
  }
}

/** Older releases wrote JSON as text. @throws when the bytes are neither */
function storedOf(value: Uint8Array): unknown {
  return value[0] === jsonHead ? JSON.parse(Buffer.from(value).toString()) : decodeCompact(value);
}

/** Returns the digits of a value that cannot be read, so that verification reports it instead of failing. */
function contentOfBytes(value: Uint8Array): string {
  try {
    return contentOfStored(storedOf(value));
  } catch {
    return `unreadable: ${Buffer.from(value).toString("hex")}`;
  }
}
