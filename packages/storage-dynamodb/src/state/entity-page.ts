import type { EntityRef } from "@trinity/aggregation/entity";
import type { EntityDeclaration } from "@trinity/aggregation/entity-declaration";
import {
  decodeEntity,
  type Entity,
  type EntityKind,
  encodeEntity,
  entityDeclaration,
  storedKindOf,
} from "@trinity/aggregation/entity-kind";
import type { IndexRow } from "@trinity/aggregation/fold";
import { refOfStored } from "@trinity/storage/state-row";
import { packed, unpacked } from "../client/packed.ts";
import type { TableName } from "../tables.ts";
import type { PageCodec, PageRef } from "./page.ts";

/** Entities that share a page, and the chunks with events of each of its users, ascending. */
export type EntityPage = {
  readonly entities: ReadonlyMap<string, EntityRef & { readonly value: Entity }>;
  readonly seqsOfUser: ReadonlyMap<string, readonly number[]>;
};

export type EntityChange =
  | (EntityRef & { readonly change: "entity"; readonly value: Entity | null })
  | (IndexRow & { readonly change: "indexRow"; readonly exists: boolean });

/** Kinds with pages of their own: parts of an entity are in its page. */
export type EntityGroup = EntityKind;

const tableOfSubject = {
  user: "users",
  room: "rooms",
  title: "content",
  resource: "system",
} as const satisfies Record<EntityDeclaration<unknown>["subject"], TableName>;

export function groupOf(kind: EntityKind): EntityGroup {
  return entityDeclaration(kind).partOf ?? kind;
}

/**
 * @returns the name of an entity's page, a prefix of its key. Room members and room titles share the page of their room, inferred sessions that
 * of their user, observations that of their hour
 */
export function pageNameOf({ kind, key }: EntityRef): string {
  return entityDeclaration(kind).clusterOf(key);
}

export function entityPageRef(ref: EntityRef, shards: number): PageRef<EntityPage, EntityChange> {
  return entityPageRefByName(groupOf(ref.kind), pageNameOf(ref), shards);
}

export function entityPageRefByName(group: EntityGroup, name: string, shards: number): PageRef<EntityPage, EntityChange> {
  const pk = entityPartition(group, shardOf(name) % shards);
  return { codec: entityPages, tag: "entities", table: entityTable(group), pk, sk: sortKeyOf(name) };
}

export function entityPartition(group: EntityGroup, shard: number): string {
  return `${storedKindOf(group)}#${shard}`;
}

export function entityTable(group: EntityGroup): TableName {
  return tableOfSubject[entityDeclaration(group).subject];
}

/** Names may be empty, sort keys may not. */
function sortKeyOf(name: string): string {
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

type StoredEntity = [storedKind: string, key: string, value: unknown];

function encodedEntity({ kind, key, value }: EntityRef & { readonly value: Entity }): StoredEntity {
  return [storedKindOf(kind), key, encodeEntity(kind, value)];
}

function decodedEntity([storedKind, key, value]: StoredEntity): EntityRef & { readonly value: Entity } {
  const ref = refOfStored({ kind: storedKind, key });
  return { ...ref, value: decodeEntity(ref.kind, value) };
}

type StoredIndexRows = [kind: string, key: string, seqs: readonly number[]];
type Stored = [entities: StoredEntity[], indexRows: StoredIndexRows[]];

/** Older releases also wrote index rows of sessions and rooms. They are ignored, and vanish when the page is next written. */
export function isOfUser(kind: string): boolean {
  return kind === ("user" satisfies IndexRow["kind"]);
}

export const entityPages: PageCodec<EntityPage, EntityChange> = {
  empty: { entities: new Map(), seqsOfUser: new Map() },
  apply(content, changes) {
    const entities = new Map(content.entities);
    const seqsOfUser = new Map(content.seqsOfUser);
    for (const change of changes) {
      const { kind, key } = change;
      if (change.change === "entity") {
        if (change.value === null) entities.delete(idOfRef(change));
        else entities.set(idOfRef(change), { kind, key, value: change.value });
      } else {
        const seqs = seqsOfUser.get(key) ?? [];
        const after = change.exists ? withSeq(seqs, change.seq) : seqs.filter((seq) => seq !== change.seq);
        if (after.length === 0) seqsOfUser.delete(key);
        else seqsOfUser.set(key, after);
      }
    }
    return { entities, seqsOfUser };
  },
  isEmpty: ({ entities, seqsOfUser }) => entities.size === 0 && seqsOfUser.size === 0,
  encode({ entities, seqsOfUser }) {
    const stored: Stored = [[...entities.values()].map(encodedEntity), [...seqsOfUser].map(([userId, seqs]) => ["user", userId, seqs])];
    return packed(stored);
  },
  decode(bytes) {
    const [entities, indexRows] = unpacked(bytes) as Stored;
    return {
      entities: new Map(entities.map(decodedEntity).map((entity) => [idOfRef(entity), entity])),
      seqsOfUser: new Map(indexRows.flatMap(([kind, key, seqs]) => (isOfUser(kind) ? [[key, seqs]] : []))),
    };
  },
};

function withSeq(seqs: readonly number[], seq: number): readonly number[] {
  if (seq > (seqs.at(-1) ?? 0)) return [...seqs, seq];
  return seqs.includes(seq) ? seqs : [...seqs, seq].sort((a, b) => a - b);
}
