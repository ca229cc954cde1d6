import type { Cell } from "@trinity/aggregation/cell";
import { type EntityKind, entityKinds, storedKindOf } from "@trinity/aggregation/entity-kind";
import type { FoldStep, Watermark } from "@trinity/aggregation/fold";
import { measureOfSet } from "@trinity/aggregation/measure-catalogue";
import { SerialQueue } from "@trinity/runtime/serial-queue";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import { watermarkAfter } from "@trinity/storage/repair-step";
import {
  contentOfEntity,
  contentOfVector,
  contentOfWatermark,
  type StateRow,
  type StateRowKey,
  type StoredRef,
  storedRefOf,
} from "@trinity/storage/state-row";
import { compareUtf8 } from "@trinity/storage/text-order";
import { splitVector } from "@trinity/storage/vector-shards";
import type { BucketCheck, BucketKey, RepairStep, VerificationCycle, VerificationStore } from "@trinity/storage/verification-store";
import type { Dynamo } from "../client/dynamo.ts";
import type { Layout } from "../layout.ts";
import { type CellPage, cellId, cellPageRef } from "./cell-page.ts";
import { CellPartitions } from "./cell-partitions.ts";
import { CellReader } from "./cell-reader.ts";
import { Compaction } from "./compaction.ts";
import { EntityReader } from "./entity-reader.ts";
import { isSameWatermark, type Manifest } from "./manifest.ts";
import { MemTable } from "./mem-table.ts";
import { pageId } from "./page.ts";
import { PageStore } from "./page-store.ts";
import type { RepairWithShards } from "./state-delta.ts";
import { type Change, StateLog } from "./state-log.ts";
import { idOfBucket } from "./status-page.ts";
import { VerificationReader } from "./verification-reader.ts";

/** Compaction debt at which commits wait for compaction (a write stall), and at which they fail. */
const [debtThatStalls, debtMax] = [4, 16];

/** The derived state: reads see one snapshot, every change commits as one delta. */
export class State {
  readonly entities: EntityReader;
  readonly cells: CellReader;
  readonly verification: VerificationReader;
  readonly #log: StateLog;
  readonly #pages: PageStore;
  readonly #compaction: Compaction;
  readonly #layout: Layout;
  readonly #background = new SerialQueue();
  #compacting = false;
  #compactionError: unknown;

  /** @param process unique for every process, without spaces */
  constructor(dynamo: Dynamo, layout: Layout, process: string) {
    const { entityShards } = layout;
    const memTable = new MemTable(entityShards);
    const pages = new PageStore(dynamo, memTable);
    const partitions = new CellPartitions(dynamo, memTable);
    this.#layout = layout;
    this.#pages = pages;
    this.#log = new StateLog(dynamo, memTable, pages, process);
    this.#compaction = new Compaction(dynamo, this.#log, pages, memTable, partitions);
    this.entities = new EntityReader(dynamo, pages, memTable, entityShards);
    this.cells = new CellReader(dynamo, pages, memTable, partitions);
    this.verification = new VerificationReader(dynamo, pages, memTable);
  }

  /** @param read called again with a newer manifest when its snapshot was compacted away */
  readSnapshot<Result>(read: (at: Manifest) => Promise<Result>): Promise<Result> {
    return this.#log.readSnapshot(read);
  }

  /** @param foldedWriter the writer of the last chunk in the step; null when unknown */
  async commitFold(step: FoldStep, foldedWriter: string | null): Promise<"committed" | "superseded"> {
    const { from, to, foldedAtMs, entities, index } = step;
    const cells = step.cells.filter(({ tier, bucketMs }) => tier !== "minute" || bucketMs >= to.minutesFromMs);
    const foldTime = to.seq > from.seq ? { toSeq: to.seq, foldedAtMs } : null;
    return this.#commitFrom(from, async (at) => {
      const emptied = await this.#emptiedBy(cells, at);
      const fields = { watermark: to, changedAtMs: foldedAtMs, ...(foldedWriter === null ? {} : { foldedWriter }) };
      return { fields, delta: { kind: "fold", to, foldTime, entities, cells, index, emptied } };
    });
  }

  async commitRepair(step: RepairStep): Promise<"committed" | "superseded"> {
    const to = watermarkAfter(step);
    const outcome = await this.#commitFrom(step.from, async (at) => {
      const repairs = await Promise.all(step.repairs.map(async (repair) => ({ ...repair, shards: await this.#shardsOf(repair.key, at) })));
      const fields = { watermark: to, repairs: at.repairs + repairs.length, changedAtMs: step.repairedAtMs };
      return { fields, delta: { kind: "repair", to, atMs: step.repairedAtMs, repairs: repairs satisfies readonly RepairWithShards[] } };
    });
    // A damaged page stays unreadable until compaction rewrites it.
    if (outcome === "committed") await this.#compact();
    return outcome;
  }

  async setBucketStatus(checks: readonly BucketCheck[], checkedAtMs: number): Promise<void> {
    await this.#commit(async (at) => {
      const effective = await this.verification.effectiveChecksOf(checks, checkedAtMs, at);
      return effective.length === 0
        ? null
        : { fields: { changedAtMs: checkedAtMs }, delta: { kind: "check", atMs: checkedAtMs, checks: effective } };
    });
  }

  async freezeBefore(beforeMs: number): ReturnType<VerificationStore["freezeBefore"]> {
    let pending = 0;
    await this.#commit(async (at) => {
      pending = await this.verification.pendingBetween(at.frozenBeforeMs, beforeMs, at);
      return pending > 0 || beforeMs <= at.frozenBeforeMs ? null : { fields: { frozenBeforeMs: beforeMs } };
    });
    return pending > 0 ? { outcome: "refused", pending } : { outcome: "frozen" };
  }

  async recordCycle(lastCycle: VerificationCycle): Promise<void> {
    await this.#commit(async () => ({ fields: { lastCycle } }));
  }

  scanState(after: StateRowKey | null, limit: number): Promise<{ readonly watermark: Watermark; readonly rows: readonly StateRow[] }> {
    return this.readSnapshot(async (at) => {
      const rows: StateRow[] = [];
      for await (const row of this.#rowsAfter(after, at)) if (rows.push(row) >= limit) break;
      return { watermark: at.watermark, rows };
    });
  }

  async settled(): Promise<void> {
    await this.#background.settled();
    await this.#log.settled();
  }

  async #commitFrom(from: Watermark, changeOf: (at: Manifest) => Promise<Change>): Promise<"committed" | "superseded"> {
    const isCommitted = await this.#commit(async (at) => (isSameWatermark(at.watermark, from) ? changeOf(at) : null));
    return isCommitted ? "committed" : "superseded";
  }

  async #commit(decide: (at: Manifest) => Promise<Change | null>): Promise<boolean> {
    let compactionDebt = 0;
    const isCommitted = await this.#log.commit(async (at) => {
      compactionDebt = compactionDebtOf(at, this.#layout);
      if (compactionDebt >= debtMax) {
        throw new StoreUnavailableError("compaction of the state has failed for too long", { cause: this.#compactionError });
      }
      return decide(at);
    });
    if (compactionDebt >= 1 && !this.#compacting) {
      this.#compacting = true;
      void this.#compact()
        .catch((error: unknown) => {
          // The next commit tries again, and fails once the debt is too large.
          this.#compactionError = error;
        })
        .finally(() => {
          this.#compacting = false;
        });
    }
    // Every process keeps uncompacted deltas in memory, so commits must not outrun compaction.
    if (compactionDebt >= debtThatStalls) await this.#background.settled();
    return isCommitted;
  }

  #compact(): Promise<void> {
    return this.#background.run(() => this.#compaction.run());
  }

  /** @returns the buckets that have no cells once the changes are added */
  async #emptiedBy(deltas: readonly Cell[], at: Manifest): Promise<readonly BucketKey[]> {
    const byBucket = Map.groupBy(deltas, idOfBucket);
    // Only negative amounts can empty a bucket, unless it already has negative ones.
    const candidates = [...byBucket.values()].filter((cells) =>
      cells.some(({ set, vector }) => measureOfSet(set)?.signed === true || hasNegative(vector)),
    );
    const emptied: BucketKey[] = [];
    for (const cells of await this.#emptyInChangedPages(candidates, at)) {
      const [{ set, tier, bucketMs }] = cells as [Cell];
      const shards = await this.cells.shardsOf({ set, tier, bucketMs }, at, "treat as empty");
      const after = new Map(shards.map(({ shard, content }) => [shard, content]));
      if (isEmptyAfter(after, cells)) emptied.push({ set, tier, bucketMs });
    }
    return emptied;
  }

  /** Keeps the buckets whose changed pages become empty. They are few, and only they need all their pages read. */
  async #emptyInChangedPages(candidates: readonly (readonly Cell[])[], at: Manifest): Promise<readonly (readonly Cell[])[]> {
    const refs = candidates.map((cells) => {
      const shards = new Set(cells.flatMap(({ vector }) => [...splitVector(vector).keys()]));
      return [...shards].map((shard) => ({ shard, page: cellPageRef(cells[0] as Cell, shard) }));
    });
    const pages = refs.flat().map(({ page }) => page);
    const contents = await this.#pages.readMany(pages, at, "treat as empty");
    const byId = new Map(pages.map((page, i) => [pageId(page), contents[i] as CellPage]));
    return candidates.filter((cells, i) => {
      const shards = (refs[i] ?? []).map(({ shard, page }) => [shard, byId.get(pageId(page)) as CellPage] as const);
      return isEmptyAfter(new Map(shards), cells);
    });
  }

  async #shardsOf(key: StateRowKey, at: Manifest): Promise<readonly number[]> {
    if (key.table !== "cell") return [];
    const shards = await this.cells.shardsOf(key, at, "treat as empty");
    return shards.filter(({ content }) => content.has(cellId(key.set, key.value))).map(({ shard }) => shard);
  }

  async *#rowsAfter(after: StateRowKey | null, at: Manifest): AsyncGenerator<StateRow> {
    if (after === null) yield { key: { table: "mark" }, content: contentOfWatermark(at.watermark) };
    if (after === null || after.table === "mark" || after.table === "entity") {
      const kinds = [...entityKinds].sort((a, b) => compareUtf8(storedKindOf(a), storedKindOf(b)));
      for (const { kind, from } of kindsFrom(kinds, after?.table === "entity" ? after : null)) {
        for await (const { key, value } of this.entities.entitiesAfter(kind, from?.key ?? "", at, "treat as empty")) {
          yield { key: { table: "entity", ...storedRefOf({ kind, key }) }, content: contentOfEntity(kind, value) };
        }
      }
    }
    if (after?.table !== "cell") {
      for await (const row of this.entities.indexRowsAfter(after?.table === "index" ? after : null, at)) {
        yield { key: { table: "index", ...row }, content: "" };
      }
    }
    for await (const { vector, ...key } of this.cells.cellsAfter(after?.table === "cell" ? after : null, at)) {
      yield { key: { table: "cell", ...key }, content: contentOfVector(vector) };
    }
  }
}

/** @returns 1 when deltas are due to be compacted, in proportion above */
function compactionDebtOf({ deltas }: Manifest, { compactDeltas, compactBytes }: Layout): number {
  const bytes = deltas.reduce((sum, step) => sum + step.bytes, 0);
  return Math.max(deltas.length / compactDeltas, bytes / compactBytes);
}

/** @returns the kinds from that of `from` on; only the first has a row to continue after */
function kindsFrom<From extends StoredRef>(kinds: readonly EntityKind[], from: From | null): { kind: EntityKind; from: From | null }[] {
  return kinds
    .filter((kind) => from === null || compareUtf8(storedKindOf(kind), from.kind) >= 0)
    .map((kind) => ({ kind, from: storedKindOf(kind) === from?.kind ? from : null }));
}

function hasNegative(vector: ReadonlyMap<number, number>): boolean {
  return [...vector.values()].some((amount) => amount < 0);
}

function isEmptyAfter(shards: ReadonlyMap<number, CellPage>, deltas: readonly Cell[]): boolean {
  const after = new Map(shards);
  const { set } = deltas[0] as Cell;
  for (const { value, vector } of deltas) {
    for (const [shard, part] of splitVector(vector)) {
      const page = cellPageRef(deltas[0] as Cell, shard);
      after.set(shard, page.codec.apply(after.get(shard) ?? page.codec.empty, [{ change: "add", set, value, vector: part }]));
    }
  }
  return [...after.values()].every((content) => ![...content.keys()].some((id) => id.startsWith(cellId(set, ""))));
}
