import type { Cell } from "@trinity/aggregation/cell";
import { emptyWatermark, type FoldStep, type Watermark } from "@trinity/aggregation/fold";
import type { FoldTime } from "@trinity/storage/event-store";
import { auditText, watermarkAfter } from "@trinity/storage/repair-step";
import {
  contentOfEntity,
  contentOfVector,
  contentOfWatermark,
  entityOfContent,
  refOfStored,
  type StateRow,
  type StateRowKey,
  storedRefOf,
  vectorOfContent,
} from "@trinity/storage/state-row";
import {
  lastRepairsMax,
  type Repair,
  type RepairRecord,
  type RepairStep,
  type VerificationCycle,
  type VerificationStore,
  type VerificationSummary,
} from "@trinity/storage/verification-store";
import { MemoryBuckets } from "./memory-buckets.ts";
import { MemoryCells } from "./memory-cells.ts";
import { MemoryEntities } from "./memory-entities.ts";
import { MemoryIndex } from "./memory-index.ts";

/** The derived state in memory. */
export class MemoryState {
  readonly entities = new MemoryEntities();
  readonly cells = new MemoryCells();
  readonly index = new MemoryIndex();
  readonly foldTimes: FoldTime[] = [];
  readonly #buckets = new MemoryBuckets();
  readonly #audit: RepairRecord[] = [];
  #lastCycle: VerificationCycle | null = null;
  #frozenBeforeMs = 0;
  #watermark: Watermark = emptyWatermark;

  get watermark(): Watermark {
    return this.#watermark;
  }

  commitFold(step: FoldStep): "committed" | "superseded" {
    if (!isSameWatermark(this.#watermark, step.from)) return "superseded";
    this.entities.write(step.entities);
    this.cells.add(step.cells);
    this.cells.dropMinutesBefore(step.to.minutesFromMs);
    for (const cell of step.cells) this.#touch(cell, step.to.revision);
    this.#buckets.dropMinutesBefore(step.to.minutesFromMs);
    this.index.add(step.index);
    if (step.to.seq > step.from.seq) this.foldTimes.push({ toSeq: step.to.seq, foldedAtMs: step.foldedAtMs });
    this.#watermark = step.to;
    return "committed";
  }

  scanState(after: StateRowKey | null, limit: number): readonly StateRow[] {
    const page: StateRow[] = [];
    for (const row of this.#rowsAfter(after)) {
      if (page.length === limit) break;
      page.push(row);
    }
    return page;
  }

  commitRepair(step: RepairStep): "committed" | "superseded" {
    if (!isSameWatermark(this.#watermark, step.from)) return "superseded";
    this.#watermark = watermarkAfter(step);
    for (const repair of step.repairs) {
      this.#set(repair, step.repairedAtMs);
      this.#audit.push({ ...repair, stored: auditText(repair.stored), derived: auditText(repair.derived), atMs: step.repairedAtMs });
    }
    return "committed";
  }

  setBucketStatus(...[checks, checkedAtMs]: Parameters<VerificationStore["setBucketStatus"]>): void {
    for (const check of checks) {
      const isDropped = check.tier === "minute" && check.bucketMs < this.#watermark.minutesFromMs;
      if (!isDropped) this.#buckets.check(check, checkedAtMs);
    }
  }

  freezeBefore(beforeMs: number): Awaited<ReturnType<VerificationStore["freezeBefore"]>> {
    const pending = this.#buckets.pendingBetween(this.#frozenBeforeMs, beforeMs);
    if (pending > 0) return { outcome: "refused", pending };
    this.#frozenBeforeMs = Math.max(this.#frozenBeforeMs, beforeMs);
    return { outcome: "frozen" };
  }

  pendingDays(): readonly number[] {
    return this.#buckets.pendingDays();
  }

  recordCycle(cycle: VerificationCycle): void {
    this.#lastCycle = cycle;
  }

  readVerification(): VerificationSummary {
    const lastRepairs = this.#audit.slice(-lastRepairsMax).reverse();
    const frozenBeforeMs = this.#frozenBeforeMs;
    return {
      ...this.#buckets.counts(frozenBeforeMs),
      frozenBeforeMs,
      lastCycle: this.#lastCycle,
      repairs: this.#audit.length,
      lastRepairs,
    };
  }

  *#rowsAfter(after: StateRowKey | null): Generator<StateRow> {
    if (after === null) yield { key: { table: "mark" }, content: contentOfWatermark(this.#watermark) };
    if (after === null || after.table === "mark" || after.table === "entity") {
      for (const { kind, key, value } of this.entities.after(after?.table === "entity" ? after : null)) {
        yield { key: { table: "entity", ...storedRefOf({ kind, key }) }, content: contentOfEntity(kind, value) };
      }
    }
    if (after?.table !== "cell") {
      for (const row of this.index.after(after?.table === "index" ? after : null)) yield { key: { table: "index", ...row }, content: "" };
    }
    for (const { set, tier, bucketMs, value, vector } of this.cells.after(after?.table === "cell" ? after : null)) {
      yield { key: { table: "cell", set, tier, bucketMs, value }, content: contentOfVector(vector) };
    }
  }

  #set({ key, derived }: Repair, atMs: number): void {
    if (key.table === "entity") {
      const ref = refOfStored(key);
      this.entities.write([{ ...ref, value: derived === null ? null : entityOfContent(ref.kind, derived) }]);
    } else if (key.table === "index") {
      if (derived === null) this.index.delete(key);
      else this.index.add([key]);
    } else if (key.table === "cell") {
      this.cells.set({ ...key, vector: vectorOfContent(derived ?? "[]") });
      this.#buckets.repaired(key, this.#watermark.revision, atMs);
    }
  }

  #touch({ set, tier, bucketMs }: Cell, revision: number): void {
    const key = { set, tier, bucketMs };
    this.#buckets.touch(key, revision, this.cells.hasCells(key));
  }
}

// The revision alone identifies a watermark of this store; the other fields reject steps that were made for another store.
function isSameWatermark(a: Watermark, b: Watermark): boolean {
  return a.seq === b.seq && a.revision === b.revision && a.users === b.users && a.minutesFromMs === b.minutesFromMs;
}
