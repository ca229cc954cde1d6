import { type EntityMaps, type EntityReads, type EntityRef, noEntities } from "@trinity/aggregation/entity";
import type { Entity, EntityKind } from "@trinity/aggregation/entity-kind";
import { inferredSessionKeysOf } from "@trinity/storage/inferred-session-keys";
import { compareUtf8 } from "@trinity/storage/text-order";
import type { Dynamo } from "./dynamo.ts";
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
import { mergedPages } from "./merged-pages.ts";
import { orderedKeys } from "./ordered-keys.ts";
import type { Overlay } from "./overlay.ts";
import { type PageKey, pageId } from "./page.ts";
import type { Damage, PageStore, Position } from "./page-store.ts";

export type IndexRow = EntityRef & { readonly seq: number };

/** Entities and the index of the log, from pages. */
export class EntityReader {
  readonly #dynamo: Dynamo;
  readonly #pages: PageStore;
  readonly #overlay: Overlay;
  readonly #shards: number;

  constructor(dynamo: Dynamo, pages: PageStore, overlay: Overlay, shards: number) {
    this.#dynamo = dynamo;
    this.#pages = pages;
    this.#overlay = overlay;
    this.#shards = shards;
  }

  async read({ refs, inferredSessions }: EntityReads, at: Position): Promise<EntityMaps> {
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

  async seqsOf(ref: EntityRef, at: Position, damage: Damage = "is an error"): Promise<readonly number[]> {
    const [page] = (await this.#pages.readMany([entityPageRef(ref, this.#shards)], at, damage)) as [EntityPage];
    return page.lines.get(idOfRef(ref))?.seqs ?? [];
  }

  /** Entities of a kind behind a key, in order. */
  entitiesAfter(
    kind: EntityKind,
    afterKey: string,
    at: Position,
    damage: Damage = "is an error",
  ): AsyncGenerator<EntityRef & { readonly value: Entity }> {
    const ofPage = ({ entities }: EntityPage) => [...entities.values()].filter((entity) => entity.kind === kind);
    return this.#after({ kind, key: afterKey }, ofPage, at, damage);
  }

  /** Lines of the index about a kind behind one, in order. */
  async *indexRowsAfter(kind: EntityKind, after: { readonly key: string; readonly seq: number }, at: Position): AsyncGenerator<IndexRow> {
    const ofPage = ({ lines }: EntityPage) => [...lines.values()].filter((line) => line.kind === kind);
    // From behind the key, and what is left of the key itself.
    const own = after.key === "" ? [] : await this.seqsOf({ kind, key: after.key }, at, "counts as nothing");
    for (const seq of own) if (seq > after.seq) yield { kind, key: after.key, seq };
    for await (const { key, seqs } of this.#after({ kind, key: after.key }, ofPage, at, "counts as nothing")) {
      for (const seq of seqs) yield { kind, key, seq };
    }
  }

  async *#after<Value extends EntityRef>(
    after: EntityRef,
    ofPage: (page: EntityPage) => readonly Value[],
    at: Position,
    damage: Damage,
  ): AsyncGenerator<Value> {
    const group = groupOf(after.kind);
    const pages = this.#pagesFrom(group, after.key === "" ? "" : pageNameOf(after), at, damage);
    const values = orderedKeys(await this.#pagesBefore(group, after, at, damage), pages, ofPage);
    for await (const value of values) if (compareUtf8(value.key, after.key) > 0) yield value;
  }

  async *#pagesFrom(group: EntityGroup, fromName: string, at: Position, damage: Damage) {
    const partitions = Array.from({ length: this.#shards }, (_, shard) => entityPartition(group, shard));
    const ref = (sk: string) => entityPageRefByName(group, nameOfSortKey(sk), this.#shards);
    const settings = { dynamo: this.#dynamo, pages: this.#pages, overlay: this.#overlay, at, damage };
    for await (const { sk, content } of mergedPages(settings, entityTable(group), partitions, `=${fromName}`, ref)) {
      yield { name: nameOfSortKey(sk), content };
    }
  }

  /**
   * Pages whose names come before the one of a key, but may hold keys behind it: `a` does for `a-b/c`, because a key `a/c` is behind it. Names
   * of letters and digits have no such pages.
   */
  async #pagesBefore(group: EntityGroup, { kind, key }: EntityRef, at: Position, damage: Damage) {
    const name = key === "" ? "" : pageNameOf({ kind, key });
    const starts = [...name].flatMap((character, i) => (i > 0 && character < "/" ? [[...name].slice(0, i).join("")] : []));
    const contents = await this.#pages.readMany(
      starts.map((start) => entityPageRefByName(group, start, this.#shards)),
      at,
      damage,
    );
    return starts.map((start, i) => ({ name: start, content: contents[i] as EntityPage }));
  }
}
