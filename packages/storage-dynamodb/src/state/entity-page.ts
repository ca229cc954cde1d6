import type { Entity, EntityRef } from "@trinity/aggregation/entity";
import type { EntityKind } from "@trinity/aggregation/entity-kind";
import { packed, unpacked } from "../client/packed.ts";
import type { TableName } from "../tables.ts";
import type { PageFamily, PageRef } from "./page.ts";

/** Entities that lie together, and the lines of the index of the log about them: chunks by entity, ascending. */
export type EntityPage = {
  readonly entities: ReadonlyMap<string, EntityRef & { readonly value: Entity }>;
  readonly lines: ReadonlyMap<string, EntityRef & { readonly seqs: readonly number[] }>;
};

export type EntityChange =
  | (EntityRef & { readonly change: "entity"; readonly value: Entity | null })
  | (EntityRef & { readonly change: "line"; readonly seq: number; readonly isThere: boolean });

/**
 * What lies in a page of its own: everything about a person, a session, a person's runs, a room with its seats and ballots, a title, an hour
 * of the observations of one series, a window of a stream.
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
 * @returns the name of the page of an entity, which its key begins with: a seat and a ballot lie with their room, a run with the others of its
 * user, an observation with those of its hour
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
  return { family: entityPages, tag: "entities", table: tableOfGroup[group], pk, sk: sortKeyOf(name) };
}

export function entityPartition(group: EntityGroup, shard: number): string {
  return `${group}#${shard}`;
}

export function entityTable(group: EntityGroup): TableName {
  return tableOfGroup[group];
}

/** A name may be empty, a sort key may not. */
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

type Stored = [entities: [EntityKind, string, Entity][], lines: [EntityKind, string, readonly number[]][]];

export const entityPages: PageFamily<EntityPage, EntityChange> = {
  empty: { entities: new Map(), lines: new Map() },
  apply(content, changes) {
    const entities = new Map(content.entities);
    const lines = new Map(content.lines);
    for (const change of changes) {
      const { kind, key } = change;
      const id = idOfRef(change);
      if (change.change === "entity") {
        if (change.value === null) entities.delete(id);
        else entities.set(id, { kind, key, value: change.value });
      } else {
        const seqs = lines.get(id)?.seqs ?? [];
        const after = change.isThere ? withSeq(seqs, change.seq) : seqs.filter((seq) => seq !== change.seq);
        if (after.length === 0) lines.delete(id);
        else lines.set(id, { kind, key, seqs: after });
      }
    }
    return { entities, lines };
  },
  isEmpty: ({ entities, lines }) => entities.size === 0 && lines.size === 0,
  encode({ entities, lines }) {
    const stored: Stored = [
      [...entities.values()].map(({ kind, key, value }) => [kind, key, value]),
      [...lines.values()].map(({ kind, key, seqs }) => [kind, key, seqs]),
    ];
    return packed(stored);
  },
  decode(bytes) {
    const [entities, lines] = unpacked(bytes) as Stored;
    return {
      entities: new Map(entities.map(([kind, key, value]) => [idOfRef({ kind, key }), { kind, key, value }])),
      lines: new Map(lines.map(([kind, key, seqs]) => [idOfRef({ kind, key }), { kind, key, seqs }])),
    };
  },
};

function withSeq(seqs: readonly number[], seq: number): readonly number[] {
  if (seq > (seqs.at(-1) ?? 0)) return [...seqs, seq];
  return seqs.includes(seq) ? seqs : [...seqs, seq].sort((a, b) => a - b);
}
