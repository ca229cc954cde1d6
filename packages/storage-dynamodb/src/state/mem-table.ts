import type { FoldTime } from "@trinity/storage/event-store";
import type { RepairRecord } from "@trinity/storage/verification-store";
import type { Listed } from "./list-page.ts";
import { type PageChange, type PageRef, pageId } from "./page.ts";
import { cellPartitionsOf, pageChangesOf, repairRecordsOf, type StateStep } from "./state-delta.ts";

type Positioned = { readonly position: number; readonly change: unknown };
export type ChangedPage = { readonly page: PageRef; readonly changes: readonly Positioned[] };

/** The steps behind the floor, by what they change. */
export class Overlay {
  readonly #entityShards: number;
  readonly #pages = new Map<string, { readonly page: PageRef; changes: Positioned[] }>();
  /** Ids of changed pages by partition. */
  readonly #byPartition = new Map<string, Set<string>>();
  readonly #cellPartitions = new Map<string, number>();
  #foldTimes: Listed<FoldTime>[] = [];
  #repairs: Listed<readonly RepairRecord[]>[] = [];

  #floor = 0;
  #generation = 0;

  constructor(entityShards: number) {
    this.#entityShards = entityShards;
  }

  /** Steps behind this position are here; what led there is in the pages. */
  get floor(): number {
    return this.#floor;
  }

  add(position: number, step: StateStep): void {
    for (const { page, change } of pageChangesOf(step, this.#entityShards)) this.#addChange(position, { page, change });
    for (const key of cellPartitionsOf(step)) if (!this.#cellPartitions.has(key)) this.#cellPartitions.set(key, position);
    if (step.kind === "fold" && step.foldTime !== null) this.#foldTimes.push({ position, value: step.foldTime });
    if (step.kind === "repair") this.#repairs.push({ position, value: repairRecordsOf(step) });
  }

  /** @returns what happened to a page after one position, up to and with another */
  changesOf(id: string, after: number, through: number): readonly unknown[] {
    const changes = this.#pages.get(id)?.changes ?? [];
    return changes.filter(({ position }) => position > after && position <= through).map(({ change }) => change);
  }

  /** Changed pages of a partition. */
  pagesIn(table: string, pk: string): readonly PageRef[] {
    return [...(this.#byPartition.get(partitionId(table, pk)) ?? [])].map((id) => (this.#pages.get(id) as ChangedPage).page);
  }

  /** Partitions of cells that any step named since the overlay began, by key, with the first such step's position. */
  get cellPartitions(): ReadonlyMap<string, number> {
    return this.#cellPartitions;
  }

  /** Rises whenever the overlay begins anew: steps between its end before and its beginning now were never here. */
  get generation(): number {
    return this.#generation;
  }

  /** Every page that was changed up to and with a position. */
  changedPages(through: number): readonly ChangedPage[] {
    return [...this.#pages.values()].filter(({ changes }) => (changes[0] as Positioned).position <= through);
  }

  foldTimes(): readonly Listed<FoldTime>[] {
    return this.#foldTimes;
  }

  repairs(): readonly Listed<readonly RepairRecord[]>[] {
    return this.#repairs;
  }

  /** Forgets steps that the pages hold by now. */
  prune(floor: number): void {
    this.#floor = floor;
    for (const [id, entry] of this.#pages) {
      entry.changes = entry.changes.filter(({ position }) => position > floor);
      if (entry.changes.length > 0) continue;
      this.#pages.delete(id);
      this.#forget(entry.page, id);
    }
    this.#foldTimes = this.#foldTimes.filter(({ position }) => position > floor);
    this.#repairs = this.#repairs.filter(({ position }) => position > floor);
  }

  /** Begins anew at a floor. */
  restart(floor: number): void {
    this.prune(Number.POSITIVE_INFINITY);
    this.#floor = floor;
    this.#cellPartitions.clear();
    this.#generation += 1;
  }

  #addChange(position: number, { page, change }: PageChange): void {
    const id = pageId(page);
    const entry = this.#pages.get(id);
    if (entry !== undefined) {
      entry.changes.push({ position, change });
      return;
    }
    this.#pages.set(id, { page, changes: [{ position, change }] });
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
