import { type Entity, type EntityMaps, type EntityReads, type EntityRef, type EntityWrite, noEntities } from "@trinity/aggregation/entity";
import type { EntityKind } from "@trinity/aggregation/entity-kind";
import { DamagedStateError } from "@trinity/storage/event-store";
import { inferredSessionKeysOf } from "@trinity/storage/inferred-session-keys";
import { contentOfEntity, type StateRow } from "@trinity/storage/state-row";
import type { Database, Statement } from "better-sqlite3";
import { compareRefs } from "./ref-order.ts";

type EntityRow = { readonly key: string; readonly value: string };

/** Entities as rows of JSON. */
export class EntityTable {
  readonly #find: Statement<[EntityKind, key: string], string>;
  readonly #findBefore: Statement<[EntityKind, fromKey: string, beforeKey: string], EntityRow>;
  readonly #findBetween: Statement<[EntityKind, fromKey: string, toKey: string], EntityRow>;
  readonly #scan: Statement<[EntityKind, afterKey: string, limit: number], EntityRow>;
  readonly #after: Statement<[kind: string, key: string], EntityRow & { readonly kind: EntityKind }>;
  readonly #put: Statement<[EntityKind, key: string, value: string]>;
  readonly #delete: Statement<[EntityKind, key: string]>;

  constructor(database: Database) {
    this.#find = database.prepare<[EntityKind, string], string>("SELECT value FROM entity WHERE kind = ? AND key = ?").pluck();
    this.#findBefore = database.prepare("SELECT key, value FROM entity WHERE kind = ? AND key >= ? AND key < ? ORDER BY key DESC LIMIT 1");
    this.#findBetween = database.prepare("SELECT key, value FROM entity WHERE kind = ? AND key BETWEEN ? AND ? ORDER BY key");
    this.#scan = database.prepare("SELECT key, value FROM entity WHERE kind = ? AND key > ? ORDER BY key LIMIT ?");
    this.#after = database.prepare("SELECT kind, key, value FROM entity WHERE (kind, key) > (?, ?) ORDER BY kind, key");
    this.#put = database.prepare("INSERT INTO entity (kind, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
    this.#delete = database.prepare("DELETE FROM entity WHERE kind = ? AND key = ?");
  }

  read({ refs, runs }: EntityReads): EntityMaps {
    const found: Readonly<Record<EntityKind, Map<string, Entity>>> = noEntities();
    for (const { kind, key } of refs) {
      const value = this.#find.get(kind, key);
      if (value !== undefined) found[kind].set(key, soundEntityOf(value));
    }
    for (const range of runs) {
      const { lowest, from, to } = inferredSessionKeysOf(range);
      const predecessor = this.#findBefore.get("run", lowest, from);
      const rows = this.#findBetween.all("run", from, to);
      for (const { key, value } of predecessor === undefined ? rows : [predecessor, ...rows]) found.run.set(key, soundEntityOf(value));
    }
    return found as EntityMaps;
  }

  scan(kind: EntityKind, afterKey: string, limit: number): readonly { readonly key: string; readonly value: Entity }[] {
    return this.#scan.all(kind, afterKey, limit).map(({ key, value }) => ({ key, value: soundEntityOf(value) }));
  }

  /** All kinds in order of kind and key, after `after`, as state rows. */
  *rowsAfter(after: EntityRef | null): Generator<StateRow> {
    for (const { kind, key, value } of this.#after.iterate(after?.kind ?? "", after?.key ?? "")) {
      yield { key: { table: "entity", kind, key }, content: contentOfText(value) };
    }
  }

  /** In order of key, so that each page of the tree is written once. */
  write(writes: readonly EntityWrite[]): void {
    for (const { kind, key, value } of [...writes].sort(compareRefs)) {
      if (value === null) this.#delete.run(kind, key);
      else this.#put.run(kind, key, JSON.stringify(value));
    }
  }

  /** @returns whether there was one */
  remove({ kind, key }: EntityRef): boolean {
    return this.#delete.run(kind, key).changes > 0;
  }
}

function entityOf(value: string): Entity {
  return JSON.parse(value) as Entity;
}

/** @throws {DamagedStateError} */
function soundEntityOf(value: string): Entity {
  try {
    return entityOf(value);
  } catch (error) {
    throw new DamagedStateError("an entity cannot be read", { cause: error });
  }
}

/** Returns a value that is not JSON as it is, so that verification reports it instead of failing. */
function contentOfText(value: string): string {
  try {
    return contentOfEntity(entityOf(value));
  } catch {
    return `unreadable: ${value}`;
  }
}
