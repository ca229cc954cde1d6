import type { FoldTime } from "@trinity/storage/event-store";
import type { RepairRecord } from "@trinity/storage/verification-store";
import type { Listed } from "./list-page.ts";
import { type PageChange, type PageRef, pageId } from "./page.ts";
import { cellPartitionsOf, pageChangesOf, repairRecordsOf, type StateDelta } from "./state-delta.ts";

type SequencedChange = { readonly sequence: number; readonly change: unknown };
export type ChangedPage = { readonly page: PageRef; readonly changes: readonly SequencedChange[] };

/** The deltas that are not compacted yet, indexed by the pages they change (the memtable of a log-structured merge tree). */
export class MemTable {
  readonly #entityShards: number;
  readonly #pages = new Map<string, { readonly page: PageRef; changes: SequencedChange[] }>();
  /** Ids of changed pages, by partition. */
  readonly #byPartition = new Map<string, Set<string>>();
  readonly #cellPartitions = new Map<string, number>();
  #foldTimes: Listed<FoldTime>[] = [];
  #repairs: Listed<readonly RepairRecord[]>[] = [];

  #compactedThrough = 0;
  #generation = 0;

  constructor(entityShards: number) {
    this.#entityShards = entityShards;
  }

  /** Deltas after this one are here; earlier ones are in the pages. */
  get compactedThrough(): number {
    return this.#compactedThrough;
  }

  add(sequence: number, delta: StateDelta): void {
    for (const { page, change } of pageChangesOf(delta, this.#entityShards)) this.#addChange(sequence, { page, change });
    for (const key of cellPartitionsOf(delta)) if (!this.#cellPartitions.has(key)) this.#cellPartitions.set(key, sequence);
    if (delta.kind === "fold" && delta.foldTime !== null) this.#foldTimes.push({ sequence, value: delta.foldTime });
    if (delta.kind === "repair") this.#repairs.push({ sequence, value: repairRecordsOf(delta) });
  }

  /** @returns the changes of a page in the range `(after, through]`, oldest first */
  changesOf(id: string, after: number, through: number): readonly unknown[] {
    const changes = this.#pages.get(id)?.changes ?? [];
    return changes.filter(({ sequence }) => sequence > after && sequence <= through).map(({ change }) => change);
  }

  /** The changed pages of a partition, in no order. */
  pagesIn(table: string, pk: string): readonly PageRef[] {
    return [...(this.#byPartition.get(partitionId(table, pk)) ?? [])].map((id) => (this.#pages.get(id) as ChangedPage).page);
  }

  /** Partitions of cells that deltas changed since the last restart, by key, with the first delta that did. */
  get cellPartitions(): ReadonlyMap<string, number> {
    return this.#cellPartitions;
  }

  /** Increases on every restart, which skips deltas that were compacted by other processes. */
  get generation(): number {
    return this.#generation;
  }

  /** Every page that a delta up to `through` changed. */
  changedPages(through: number): readonly ChangedPage[] {
    return [...this.#pages.values()].filter(({ changes }) => (changes[0] as SequencedChange).sequence <= through);
  }

  foldTimes(): readonly Listed<FoldTime>[] {
    return this.#foldTimes;
  }

  repairs(): readonly Listed<readonly RepairRecord[]>[] {
    return this.#repairs;
  }

  /** Drops deltas that are compacted. */
  prune(compactedThrough: number): void {
    this.#compactedThrough = compactedThrough;
    for (const [id, entry] of this.#pages) {
      entry.changes = entry.changes.filter(({ sequence }) => sequence > compactedThrough);
      if (entry.changes.length > 0) continue;
      this.#pages.delete(id);
      this.#forget(entry.page, id);
    }
    this.#foldTimes = this.#foldTimes.filter(({ sequence }) => sequence > compactedThrough);
    this.#repairs = this.#repairs.filter(({ sequence }) => sequence > compactedThrough);
  }

  /** Drops everything and begins after `compactedThrough`. */
  restart(compactedThrough: number): void {
    this.prune(Number.POSITIVE_INFINITY);
    this.#compactedThrough = compactedThrough;
    this.#cellPartitions.clear();
    this.#generation += 1;
  }

  #addChange(sequence: number, { page, change }: PageChange): void {
    const id = pageId(page);
    const entry = this.#pages.get(id);
    if (entry !== undefined) {
      entry.changes.push({ sequence, change });
      return;
    }
    this.#pages.set(id, { page, changes: [{ sequence, change }] });
    const partition = partitionId(page.table, page.pk);
    const ids = this.#byPartition.get(partition);
    if (ids === undefined) this.#byPartition.set(partition, new Set([id]));
    else ids.add(id);
  }

  #forget({ table, pk }: PageRef, id: string): void {
    const ids = this.#byPartition.get(partitionId(table, pk));
    ids?.delete(id);
    if (ids?.size === 0) this.#byPartition.delete(partitionId(table, pk));
  }
}

function partitionId(table: string, pk: string): string {
  return `${table} ${pk}`;
}
