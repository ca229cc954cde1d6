import type { Cell } from "@trinity/aggregation/cell";
import { type EntityKind, entityKinds, storedKindOf } from "@trinity/aggregation/entity-kind";
import type { FoldStep, Watermark } from "@trinity/aggregation/fold";
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
import { type CellPage, cellId, cellPageRef } from "./cell-page.ts";
import { CellPartitions } from "./cell-partitions.ts";
import { CellReader } from "./cell-reader.ts";
import { Compaction } from "./compaction.ts";
import type { Dynamo } from "./dynamo.ts";
import { EntityReader } from "./entity-reader.ts";
import type { Layout } from "./layout.ts";
import { isSameWatermark, type Manifest } from "./manifest.ts";
import { Overlay } from "./overlay.ts";
import { pageId } from "./page.ts";
import { PageStore } from "./page-store.ts";
import { SerialQueue } from "./serial-queue.ts";
import { type Change, StateLog } from "./state-log.ts";
import type { PlacedRepair } from "./state-step.ts";
import { idOfBucket } from "./status-page.ts";
import { VerificationReader } from "./verification-reader.ts";

/** From the first on commits wait for the pages, from the second on they fail. */
const [fullnessWaits, fullnessMax] = [4, 16];

/** What the log adds up to: read as of one moment, moved on in one step. */
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

  /** @param process a text without spaces that no other process ever had */
  constructor(dynamo: Dynamo, layout: Layout, process: string) {
    const { entityShards } = layout;
    const overlay = new Overlay(entityShards);
    const pages = new PageStore(dynamo, overlay);
    const partitions = new CellPartitions(dynamo, overlay);
    this.#layout = layout;
    this.#pages = pages;
    this.#log = new StateLog(dynamo, overlay, pages, process);
    this.#compaction = new Compaction(dynamo, this.#log, pages, overlay, partitions);
    this.entities = new EntityReader(dynamo, pages, overlay, entityShards);
    this.cells = new CellReader(dynamo, pages, overlay, partitions);
    this.verification = new VerificationReader(dynamo, pages, overlay);
  }

  /** @param read is given where the state stands; called again when it moved on too far meanwhile */
  atOneMoment<Result>(read: (at: Manifest) => Promise<Result>): Promise<Result> {
    return this.#log.atOneMoment(read);
  }

  /** @param foldedWriter who wrote the last chunk of the step; null where that is not known */
  async commitFold(step: FoldStep, foldedWriter: string | null): Promise<"committed" | "superseded"> {
    const { from, to, foldedAtMs, entities, index } = step;
    const cells = step.cells.filter(({ tier, bucketMs }) => tier !== "minute" || bucketMs >= to.minutesFromMs);
    const foldTime = to.seq > from.seq ? { toSeq: to.seq, foldedAtMs } : null;
    return this.#commitFrom(from, async (at) => {
      const emptied = await this.#emptiedBy(cells, at);
      const fields = { watermark: to, changedAtMs: foldedAtMs, ...(foldedWriter === null ? {} : { foldedWriter }) };
      return { fields, step: { kind: "fold", to, foldTime, entities, cells, index, emptied } };
    });
  }

  async commitRepair(step: RepairStep): Promise<"committed" | "superseded"> {
    const to = watermarkAfter(step);
    const outcome = await this.#commitFrom(step.from, async (at) => {
      const repairs = await Promise.all(step.repairs.map(async (repair) => ({ ...repair, shards: await this.#shardsOf(repair.key, at) })));
      const fields = { watermark: to, repairs: at.repairs + repairs.length, changedAtMs: step.repairedAtMs };
      return { fields, step: { kind: "repair", to, atMs: step.repairedAtMs, repairs: repairs satisfies readonly PlacedRepair[] } };
    });
    // What lay in a page that cannot be read is right again only once the page is written anew.
    if (outcome === "committed") await this.#compact();
    return outcome;
  }

  async setBucketStatus(checks: readonly BucketCheck[], checkedAtMs: number): Promise<void> {
    await this.#commit(async (at) => {
      const effective = await this.verification.effectiveChecksOf(checks, checkedAtMs, at);
      return effective.length === 0
        ? null
        : { fields: { changedAtMs: checkedAtMs }, step: { kind: "check", atMs: checkedAtMs, checks: effective } };
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
    return this.atOneMoment(async (at) => {
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
    // How full the steps are: 1 when they should be put into pages.
    let fullness = 0;
    const isCommitted = await this.#log.commit(async (at) => {
      fullness = fullnessOf(at, this.#layout);
      if (fullness >= fullnessMax) {
        throw new StoreUnavailableError("steps of the state cannot be put into pages", { cause: this.#compactionError });
      }
      return decide(at);
    });
    if (fullness >= 1 && !this.#compacting) {
      this.#compacting = true;
      void this.#compact()
        .catch((error: unknown) => {
          // The next commit tries again, and says so when it has failed for too long.
          this.#compactionError = error;
        })
        .finally(() => {
          this.#compacting = false;
        });
    }
    // Steps that are not in pages are in the memory of every process: who makes them faster than pages can be written waits.
    if (fullness >= fullnessWaits) await this.#background.settled();
    return isCommitted;
  }

  #compact(): Promise<void> {
    return this.#background.run(() => this.#compaction.run());
  }

  /** @returns buckets in which nothing is left once the deltas are added */
  async #emptiedBy(deltas: readonly Cell[], at: Manifest): Promise<readonly BucketKey[]> {
    const byBucket = Map.groupBy(deltas, idOfBucket);
    // A bucket to which a cell is only added to may still come to nothing, where it holds less than nothing: flows do.
    const candidates = [...byBucket.values()].filter((cells) => cells.some(({ set, vector }) => isFlow(set) || isLess(vector)));
    const emptied: BucketKey[] = [];
    for (const cells of await this.#withoutRest(candidates, at)) {
      const [{ set, tier, bucketMs }] = cells as [Cell];
      const shards = await this.cells.shardsOf({ set, tier, bucketMs }, at, "counts as nothing");
      const after = new Map(shards.map(({ shard, content }) => [shard, content]));
      if (isNothing(after, cells)) emptied.push({ set, tier, bucketMs });
    }
    return emptied;
  }

  /** Leaves only buckets whose changed pages come to nothing: those are few, and only of those every page is looked at. */
  async #withoutRest(candidates: readonly (readonly Cell[])[], at: Manifest): Promise<readonly (readonly Cell[])[]> {
    const refs = candidates.map((cells) => {
      const shards = new Set(cells.flatMap(({ vector }) => [...splitVector(vector).keys()]));
      return [...shards].map((shard) => ({ shard, page: cellPageRef(cells[0] as Cell, shard) }));
    });
    const pages = refs.flat().map(({ page }) => page);
    const contents = await this.#pages.readMany(pages, at, "counts as nothing");
    const byId = new Map(pages.map((page, i) => [pageId(page), contents[i] as CellPage]));
    return candidates.filter((cells, i) => {
      const shards = (refs[i] ?? []).map(({ shard, page }) => [shard, byId.get(pageId(page)) as CellPage] as const);
      return isNothing(new Map(shards), cells);
    });
  }

  async #shardsOf(key: StateRowKey, at: Manifest): Promise<readonly number[]> {
    if (key.table !== "cell") return [];
    const shards = await this.cells.shardsOf(key, at, "counts as nothing");
    return shards.filter(({ content }) => content.has(cellId(key.set, key.value))).map(({ shard }) => shard);
  }

  async *#rowsAfter(after: StateRowKey | null, at: Manifest): AsyncGenerator<StateRow> {
    if (after === null) yield { key: { table: "mark" }, content: contentOfWatermark(at.watermark) };
    const kinds = [...entityKinds].sort((a, b) => compareUtf8(storedKindOf(a), storedKindOf(b)));
    if (after === null || after.table === "mark" || after.table === "entity") {
      for (const { kind, from } of kindsFrom(kinds, after?.table === "entity" ? after : null)) {
        for await (const { key, value } of this.entities.entitiesAfter(kind, from?.key ?? "", at, "counts as nothing")) {
          yield { key: { table: "entity", ...storedRefOf({ kind, key }) }, content: contentOfEntity(kind, value) };
        }
      }
    }
    if (after?.table !== "cell") {
      for (const { kind, from } of kindsFrom(kinds, after?.table === "index" ? after : null)) {
        const line = { key: from?.key ?? "", seq: from?.seq ?? 0 };
        for await (const { key, seq } of this.entities.indexRowsAfter(kind, line, at))
          yield { key: { table: "index", kind, key, seq }, content: "" };
      }
    }
    for await (const { vector, ...key } of this.cells.behind(after?.table === "cell" ? after : null, at)) {
      yield { key: { table: "cell", ...key }, content: contentOfVector(vector) };
    }
  }
}

function fullnessOf({ steps }: Manifest, { compactSteps, compactBytes }: Layout): number {
  const bytes = steps.reduce((sum, step) => sum + step.bytes, 0);
  return Math.max(steps.length / compactSteps, bytes / compactBytes);
}

/** @returns the kinds from one on, that one with where to go on in it */
function kindsFrom<From extends StoredRef>(kinds: readonly EntityKind[], from: From | null): { kind: EntityKind; from: From | null }[] {
  return kinds
    .filter((kind) => from === null || compareUtf8(storedKindOf(kind), from.kind) >= 0)
    .map((kind) => ({ kind, from: storedKindOf(kind) === from?.kind ? from : null }));
}

function isLess(vector: ReadonlyMap<number, number>): boolean {
  return [...vector.values()].some((amount) => amount < 0);
}

function isNothing(shards: ReadonlyMap<number, CellPage>, deltas: readonly Cell[]): boolean {
  const after = new Map(shards);
  const { set } = deltas[0] as Cell;
  for (const { value, vector } of deltas) {
    for (const [shard, part] of splitVector(vector)) {
      const page = cellPageRef(deltas[0] as Cell, shard);
      after.set(shard, page.family.apply(after.get(shard) ?? page.family.empty, [{ change: "add", set, value, vector: part }]));
    }
  }
  return [...after.values()].every((content) => ![...content.keys()].some((id) => id.startsWith(cellId(set, ""))));
}

/** Measures whose cells may hold less than nothing. */
function isFlow(set: string): boolean {
  return set.startsWith("session_flow") || set.startsWith("session_balance");
}
