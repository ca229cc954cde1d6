import type { Entity, EntityRef } from "@trinity/aggregation/entity";
import type { EntityKind } from "@trinity/aggregation/entity-kind";
import { packed, unpacked } from "../client/packed.ts";
import type { TableName } from "../tables.ts";
import type { PageCodec, PageRef } from "./page.ts";

/** Entities that share a page, and their index rows: the chunks with events of each entity, ascending. */
export type EntityPage = {
  readonly entities: ReadonlyMap<string, EntityRef & { readonly value: Entity }>;
  readonly indexRows: ReadonlyMap<string, EntityRef & { readonly seqs: readonly number[] }>;
};

export type EntityChange =
  | (EntityRef & { readonly change: "entity"; readonly value: Entity | null })
  | (EntityRef & { readonly change: "indexRow"; readonly seq: number; readonly exists: boolean });

/**
 * What one page is about: a user, a session, the inferred sessions of a user (`run`), a room with its members and titles, a title, an hour of
 * observations of one series, or a window of a stream. The names are part of stored keys.
 */
export type EntityGroup = "user" | "session" | "run" | "room" | "title" | "observation" | "stream";

const tableOfGroup: Readonly<Record<EntityGroup, TableName>> = {
  user: "users",
  session: "users",
  run: "users",
  room: "rooms",
  title: "content",
  observation: "system",
  stream: "system",
};

const groupOfKind: Readonly<Record<EntityKind, EntityGroup>> = {
  user: "user",
  session: "session",
  run: "run",
  room: "room",
  seat: "room",
  ballot: "room",
  title: "title",
  observation: "observation",
  stream: "stream",
};

export function groupOf(kind: EntityKind): EntityGroup {
  return groupOfKind[kind];
}

/**
 * @returns the name of an entity's page, a prefix of its key. Room members and room titles share the page of their room, inferred sessions that
 * of their user, observations that of their hour
 */
export function pageNameOf({ kind, key }: EntityRef): string {
  if (kind === "run" || kind === "observation") return key.slice(0, key.lastIndexOf("/"));
  if (groupOfKind[kind] !== "room") return key;
  const end = key.indexOf("/");
  return end === -1 ? key : key.slice(0, end);
}

export function entityPageRef(ref: EntityRef, shards: number): PageRef<EntityPage, EntityChange> {
  return entityPageRefByName(groupOfKind[ref.kind], pageNameOf(ref), shards);
}

export function entityPageRefByName(group: EntityGroup, name: string, shards: number): PageRef<EntityPage, EntityChange> {
  const pk = entityPartition(group, shardOf(name) % shards);
  return { codec: entityPages, tag: "entities", table: tableOfGroup[group], pk, sk: sortKeyOf(name) };
}

export function entityPartition(group: EntityGroup, shard: number): string {
  return `${group}#${shard}`;
}

export function entityTable(group: EntityGroup): TableName {
  return tableOfGroup[group];
}

/** Names may be empty, sort keys may not. */
export function sortKeyOf(name: string): string {
  return `=${name}`;
}

export function nameOfSortKey(sk: string): string {
  return sk.slice(1);
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo; draft-eastlake-fnv). */
function shardOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

export function idOfRef({ kind, key }: EntityRef): string {
  return `${kind} ${key}`;
}

type Stored = [entities: [EntityKind, string, Entity][], indexRows: [EntityKind, string, readonly number[]][]];

export const entityPages: PageCodec<EntityPage, EntityChange> = {
  empty: { entities: new Map(), indexRows: new Map() },
  apply(content, changes) {
    const entities = new Map(content.entities);
    const indexRows = new Map(content.indexRows);
    for (const change of changes) {
      const { kind, key } = change;
      const id = idOfRef(change);
      if (change.change === "entity") {
        if (change.value === null) entities.delete(id);
        else entities.set(id, { kind, key, value: change.value });
      } else {
        const seqs = indexRows.get(id)?.seqs ?? [];
        const after = change.exists ? withSeq(seqs, change.seq) : seqs.filter((seq) => seq !== change.seq);
        if (after.length === 0) indexRows.delete(id);
        else indexRows.set(id, { kind, key, seqs: after });
      }
    }
    return { entities, indexRows };
  },
  isEmpty: ({ entities, indexRows }) => entities.size === 0 && indexRows.size === 0,
  encode({ entities, indexRows }) {
    const stored: Stored = [
      [...entities.values()].map(({ kind, key, value }) => [kind, key, value]),
      [...indexRows.values()].map(({ kind, key, seqs }) => [kind, key, seqs]),
    ];
    return packed(stored);
  },
  decode(bytes) {
    const [entities, indexRows] = unpacked(bytes) as Stored;
    return {
      entities: new Map(entities.map(([kind, key, value]) => [idOfRef({ kind, key }), { kind, key, value }])),
      indexRows: new Map(indexRows.map(([kind, key, seqs]) => [idOfRef({ kind, key }), { kind, key, seqs }])),
    };
  },
};

function withSeq(seqs: readonly number[], seq: number): readonly number[] {
  if (seq > (seqs.at(-1) ?? 0)) return [...seqs, seq];
  return seqs.includes(seq) ? seqs : [...seqs, seq].sort((a, b) => a - b);
}
