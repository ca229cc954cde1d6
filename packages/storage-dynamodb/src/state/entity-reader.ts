import { type EntityMaps, type EntityReads, type EntityRef, noEntities } from "@trinity/aggregation/entity";
import { partPrefixOf } from "@trinity/aggregation/entity-declaration";
import type { Entity, EntityKind, EntityOf, PartKind, PartMap } from "@trinity/aggregation/entity-kind";
import type { IndexRow } from "@trinity/aggregation/fold";
import { inferredSessionKeysOf } from "@trinity/storage/inferred-session-keys";
import { compareUtf8 } from "@trinity/storage/text-order";
import type { Dynamo } from "../client/dynamo.ts";
import {
  type EntityGroup,
  type EntityPage,
  entityPageRef,
  entityPageRefByName,
  entityPartition,
  entityTable,
  groupOf,
  idOfRef,
  nameOfSortKey,
  pageNameOf,
} from "./entity-page.ts";
import type { MemTable } from "./mem-table.ts";
import { mergePartitions } from "./merge-partitions.ts";
import { orderedKeys } from "./ordered-keys.ts";
import { type PageKey, pageId } from "./page.ts";
import type { OnDamage, PageStore, Snapshot } from "./page-store.ts";

/** Reads entities and index rows from pages. */
export class EntityReader {
  readonly #dynamo: Dynamo;
  readonly #pages: PageStore;
  readonly #memTable: MemTable;
  readonly #shards: number;

  constructor(dynamo: Dynamo, pages: PageStore, memTable: MemTable, shards: number) {
    this.#dynamo = dynamo;
    this.#pages = pages;
    this.#memTable = memTable;
    this.#shards = shards;
  }

  async read({ refs, inferredSessions }: EntityReads, at: Snapshot): Promise<EntityMaps> {
    const inferredSessionPages = inferredSessions.map(({ userId }) => entityPageRefByName("inferredSession", userId, this.#shards));
    const pages = new Map(
      [...refs.map((ref) => entityPageRef(ref, this.#shards)), ...inferredSessionPages].map((page) => [pageId(page), page]),
    );
    const contents = await this.#pages.readMany([...pages.values()], at);
    const byId = new Map([...pages.keys()].map((id, i) => [id, contents[i] as EntityPage]));
    const found: Readonly<Record<EntityKind, Map<string, Entity>>> = noEntities();
    for (const ref of refs) {
      const entity = byId.get(pageId(entityPageRef(ref, this.#shards)))?.entities.get(idOfRef(ref));
      if (entity !== undefined) found[ref.kind].set(ref.key, entity.value);
    }
    for (const [i, range] of inferredSessions.entries()) {
      const { lowest, from, to } = inferredSessionKeysOf(range);
      const ofUser = [...(byId.get(pageId(inferredSessionPages[i] as PageKey))?.entities.values() ?? [])].sort((a, b) =>
        compareUtf8(a.key, b.key),
      );
      const before = ofUser.findLast(({ key }) => key >= lowest && key < from);
      const within = ofUser.filter(({ key }) => key >= from && key <= to);
      for (const { key, value } of before === undefined ? within : [before, ...within]) found.inferredSession.set(key, value);
    }
    return found as EntityMaps;
  }

  /** Reads one page for each entity: parts are in the page of their entity. */
  async parts<Kind extends PartKind>(kind: Kind, entityKeys: readonly string[], at: Snapshot): Promise<readonly PartMap<Kind>[]> {
    const refs = entityKeys.map((key) => entityPageRef({ kind: groupOf(kind), key }, this.#shards));
    const contents = await this.#pages.readMany(refs, at);
    return entityKeys.map((entityKey, i) => {
      const prefix = partPrefixOf(entityKey);
      const parts = entitiesOf(contents[i] as EntityPage, kind).filter(({ key }) => key.startsWith(prefix));
      const inOrder = parts.sort((a, b) => compareUtf8(a.key, b.key));
      return new Map(inOrder.map(({ key, value }) => [key.slice(prefix.length), value as EntityOf[Kind]]));
    });
  }

  async seqsOf(userId: string, at: Snapshot, onDamage: OnDamage = "fail"): Promise<readonly number[]> {
    const ref = entityPageRef({ kind: "user", key: userId }, this.#shards);
    const [page] = (await this.#pages.readMany([ref], at, onDamage)) as [EntityPage];
    return page.seqsOfUser.get(userId) ?? [];
  }

  /** Entities of a kind after a key, in order of key. */
  entitiesAfter(
    kind: EntityKind,
    afterKey: string,
    at: Snapshot,
    onDamage: OnDamage = "fail",
  ): AsyncGenerator<EntityRef & { readonly value: Entity }> {
    return this.#after({ kind, key: afterKey }, (page) => entitiesOf(page, kind), at, onDamage);
  }

  /** Index rows after one row, in order of user and chunk. */
  async *indexRowsAfter(after: IndexRow | null, at: Snapshot): AsyncGenerator<IndexRow> {
    const kind = "user";
    const { key: afterKey, seq: afterSeq } = after ?? { key: "", seq: 0 };
    // First the remaining chunks of the user itself, then the users after it.
    const own = afterKey === "" ? [] : await this.seqsOf(afterKey, at, "treat as empty");
    for (const seq of own) if (seq > afterSeq) yield { kind, key: afterKey, seq };
    const ofPage = ({ seqsOfUser }: EntityPage) => [...seqsOfUser].map(([key, seqs]) => ({ kind, key, seqs }) as const);
    for await (const { key, seqs } of this.#after({ kind, key: afterKey }, ofPage, at, "treat as empty")) {
      for (const seq of seqs) yield { kind, key, seq };
    }
  }

  async *#after<Value extends EntityRef>(
    after: EntityRef,
    ofPage: (page: EntityPage) => readonly Value[],
    at: Snapshot,
    onDamage: OnDamage,
  ): AsyncGenerator<Value> {
    const group = groupOf(after.kind);
    const pages = this.#pagesFrom(group, after.key === "" ? "" : pageNameOf(after), at, onDamage);
    const values = orderedKeys(await this.#pagesBefore(group, after, at, onDamage), pages, ofPage);
    for await (const value of values) if (compareUtf8(value.key, after.key) > 0) yield value;
  }

  async *#pagesFrom(group: EntityGroup, fromName: string, at: Snapshot, onDamage: OnDamage) {
    const partitions = Array.from({ length: this.#shards }, (_, shard) => entityPartition(group, shard));
    const ref = (sk: string) => entityPageRefByName(group, nameOfSortKey(sk), this.#shards);
    const settings = { dynamo: this.#dynamo, pages: this.#pages, memTable: this.#memTable, at, onDamage };
    for await (const { sk, content } of mergePartitions(settings, entityTable(group), partitions, `=${fromName}`, ref)) {
      yield { name: nameOfSortKey(sk), content };
    }
  }

  /**
   * Pages whose names sort before that of `key` but that may have keys after it. Example: the page `a` for the key `a-b/c`, because `a/c` sorts
   * after `a-b/c`. Names of letters and digits have no such pages.
   */
  async #pagesBefore(group: EntityGroup, { kind, key }: EntityRef, at: Snapshot, onDamage: OnDamage) {
    const name = key === "" ? "" : pageNameOf({ kind, key });
    const starts = [...name].flatMap((character, i) => (i > 0 && character < "/" ? [[...name].slice(0, i).join("")] : []));
    const contents = await this.#pages.readMany(
      starts.map((start) => entityPageRefByName(group, start, this.#shards)),
      at,
      onDamage,
    );
    return starts.map((start, i) => ({ name: start, content: contents[i] as EntityPage }));
  }
}

function entitiesOf({ entities }: EntityPage, kind: EntityKind): (EntityRef & { readonly value: Entity })[] {
  return [...entities.values()].filter((entity) => entity.kind === kind);
}
