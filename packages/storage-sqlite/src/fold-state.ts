import type { EntityMaps, EntityReads } from "@trinity/aggregation/entity";
import type { PartKind, PartMap } from "@trinity/aggregation/entity-kind";
import type { FoldStep, Watermark } from "@trinity/aggregation/fold";
import type { CellRange, RollupSnapshot } from "@trinity/storage/event-store";
import { watermarkAfter } from "@trinity/storage/repair-step";
import {
  contentOfWatermark,
  entityOfContent,
  refOfStored,
  type StateRow,
  type StateRowKey,
  vectorOfContent,
} from "@trinity/storage/state-row";
import type {
  BucketCheck,
  Repair,
  RepairStep,
  VerificationCycle,
  VerificationStore,
  VerificationSummary,
} from "@trinity/storage/verification-store";
import type { Database, Statement } from "better-sqlite3";
import { BucketTable } from "./bucket-table.ts";
import { CellReader } from "./cell-reader.ts";
import { CellWriter } from "./cell-writer.ts";
import type { ChunkDigest } from "./chunk-digest.ts";
import { EntityTable } from "./entity-table.ts";
import { FoldTrail } from "./fold-trail.ts";
import { FoldedChunk } from "./folded-chunk.ts";
import { IncompleteStateError } from "./state-damage.ts";
import type { Salvage } from "./state-salvage.ts";
import { VerificationTables } from "./verification-tables.ts";
import { inWriteTransaction } from "./write-transaction.ts";

type WatermarkColumns = [seq: number, revision: number, users: number, minutesFromMs: number];

/** The derived state in `state.db`. Each read is a snapshot, each change one transaction. */
export class FoldState {
  readonly entities: EntityTable;
  readonly trail: FoldTrail;
  readonly #database: Database;
  readonly #cellReader: CellReader;
  readonly #cellWriter: CellWriter;
  readonly #buckets: BucketTable;
  readonly #verification: VerificationTables;
  readonly #foldedChunk: FoldedChunk;
  readonly #watermark: Statement<[], Watermark>;
  readonly #rebuildTarget: Statement<[], number | null>;
  readonly #moveWatermark: Statement<[...to: WatermarkColumns, ...from: WatermarkColumns]>;

  constructor(database: Database) {
    this.#database = database;
    this.entities = new EntityTable(database);
    this.trail = new FoldTrail(database);
    this.#cellReader = new CellReader(database);
    this.#buckets = new BucketTable(database);
    this.#cellWriter = new CellWriter(database, this.#buckets);
    this.#verification = new VerificationTables(database);
    this.#foldedChunk = new FoldedChunk(database);
    this.#watermark = database.prepare("SELECT seq, revision, users, minutes_from_ms AS minutesFromMs FROM mark");
    // Only a rebuild has fold times beyond the watermark.
    this.#rebuildTarget = database
      .prepare<[], number | null>("SELECT max(to_seq) FROM fold_time WHERE to_seq > (SELECT seq FROM mark)")
      .pluck();
    this.#moveWatermark = database.prepare(
      `UPDATE mark SET seq = ?, revision = ?, users = ?, minutes_from_ms = ?
       WHERE seq = ? AND revision = ? AND users = ? AND minutes_from_ms = ?`,
    );
  }

  /** @throws {IncompleteStateError} */
  readWatermark(): Watermark {
    const watermark = this.#watermark.get();
    // A number that JavaScript rounds would never be found again to move it.
    const isSound = watermark !== undefined && Object.values(watermark).every((count) => Number.isSafeInteger(count) && count >= 0);
    if (!isSound) throw new IncompleteStateError("state.db has no watermark, or one that no fold wrote");
    this.#foldedChunk.requireAtWatermark();
    return watermark;
  }

  /** @returns the last chunk that must be folded before a rebuild is over; null when none is under way */
  rebuildTarget(): number | null {
    return this.#rebuildTarget.get() ?? null;
  }

  /** Begins to rebuild an empty state: repeats the folds at their known times, then folds the rest of the log. */
  beginRebuild(headSeq: number, nowMs: number, { foldTimes, repairs }: Salvage): void {
    inWriteTransaction(this.#database, () => {
      for (const time of [...foldTimes, { toSeq: headSeq, foldedAtMs: nowMs }]) this.trail.keepTime(time);
      for (const { atMs, part, stored, derived } of repairs) this.#verification.putAuditRow(atMs, part, stored, derived);
    });
  }

  readEntities(reads: EntityReads): EntityMaps {
    return this.#atOneMoment(() => this.entities.read(reads));
  }

  readParts<Kind extends PartKind>(kind: Kind, entityKeys: readonly string[]): readonly PartMap<Kind>[] {
    return this.#atOneMoment(() => this.entities.parts(kind, entityKeys));
  }

  readCells(ranges: readonly CellRange[], userRanges: readonly CellRange[]): Omit<RollupSnapshot, "headSeq"> {
    return this.#atOneMoment(() => ({
      watermark: this.readWatermark(),
      cells: ranges.map((range) => this.#cellReader.inRange(range)),
      users: userRanges.map((range) => this.#cellReader.usersInRange(range)),
    }));
  }

  scanState(after: StateRowKey | null, limit: number): { readonly watermark: Watermark; readonly rows: readonly StateRow[] } {
    return this.#atOneMoment(() => {
      const watermark = this.readWatermark();
      const rows: StateRow[] = [];
      for (const row of this.#rowsAfter(after, watermark)) {
        if (rows.length === limit) break;
        rows.push(row);
      }
      return { watermark, rows };
    });
  }

  /** @param chunk the last chunk of the step; null when unknown */
  commit(step: FoldStep, chunk: ChunkDigest | null): "committed" | "superseded" {
    return inWriteTransaction(this.#database, () => {
      if (!this.#moved(step)) return "superseded";
      this.#foldedChunk.write(chunk);
      this.entities.write(step.entities);
      const { minutesFromMs } = step.to;
      this.#cellWriter.add(
        step.cells.filter(({ tier, bucketMs }) => tier !== "minute" || bucketMs >= minutesFromMs),
        step.to.revision,
      );
      if (minutesFromMs > step.from.minutesFromMs) this.#cellWriter.dropMinutesBefore(minutesFromMs);
      this.trail.write(step);
      return "committed";
    });
  }

  repair(step: RepairStep): "committed" | "superseded" {
    return inWriteTransaction(this.#database, () => {
      const to = watermarkAfter(step);
      if (!this.#moved({ from: step.from, to })) return "superseded";
      const idOf = this.#cellWriter.idsOf(step.repairs.flatMap(({ key }) => (key.table === "cell" ? [key] : [])));
      for (const repair of step.repairs) {
        this.#set(repair, idOf, to.revision, step.repairedAtMs);
        this.#verification.putRepair(repair, step.repairedAtMs);
      }
      return "committed";
    });
  }

  setBucketStatus(checks: readonly BucketCheck[], checkedAtMs: number): void {
    if (checks.length === 0) return;
    inWriteTransaction(this.#database, () => {
      const { minutesFromMs } = this.readWatermark();
      const idOf = this.#cellWriter.idsOf(checks);
      for (const check of checks) {
        const isDropped = check.tier === "minute" && check.bucketMs < minutesFromMs;
        if (!isDropped) this.#buckets.check(idOf.get(check.set) as number, check, checkedAtMs);
      }
    });
  }

  freezeBefore(beforeMs: number): Awaited<ReturnType<VerificationStore["freezeBefore"]>> {
    return inWriteTransaction(this.#database, () => {
      const frozenBeforeMs = this.#verification.frozenBeforeMs();
      const pending = this.#buckets.pendingBetween(frozenBeforeMs, beforeMs);
      if (pending > 0) return { outcome: "refused", pending };
      this.#verification.freezeBefore(Math.max(frozenBeforeMs, beforeMs));
      return { outcome: "frozen" };
    });
  }

  pendingDays(): readonly number[] {
    return this.#atOneMoment(() => this.#buckets.pendingDays());
  }

  recordCycle(cycle: VerificationCycle): void {
    inWriteTransaction(this.#database, () => this.#verification.putCycle(cycle));
  }

  readVerification(): VerificationSummary {
    return this.#atOneMoment(() => {
      const summary = this.#verification.summary();
      return { ...this.#buckets.counts(summary.frozenBeforeMs), ...summary };
    });
  }

  *#rowsAfter(after: StateRowKey | null, watermark: Watermark): Generator<StateRow> {
    if (after === null) yield { key: { table: "mark" }, content: contentOfWatermark(watermark) };
    if (after === null || after.table === "mark" || after.table === "entity") {
      yield* this.entities.rowsAfter(after?.table === "entity" ? after : null);
    }
    if (after?.table !== "cell") yield* this.trail.rowsAfter(after?.table === "index" ? after : null);
    yield* this.#cellReader.rowsAfter(after?.table === "cell" ? after : null);
  }

  /** @throws {IncompleteStateError} when a row to remove is not found by the key that was read: the stored key is damaged */
  #set({ key, stored, derived }: Repair, idOf: ReadonlyMap<string, number>, revision: number, atMs: number): void {
    const removed = this.#setRow(key, derived, idOf, revision, atMs);
    if (derived === null && stored !== null && !removed) throw new IncompleteStateError("a row of state.db has a damaged key");
  }

  /** @returns whether there was a row */
  #setRow(key: StateRowKey, derived: string | null, idOf: ReadonlyMap<string, number>, revision: number, atMs: number): boolean {
    if (key.table === "entity") {
      if (derived === null) return this.entities.remove(key);
      const ref = refOfStored(key);
      this.entities.write([{ ...ref, value: entityOfContent(ref.kind, derived) }]);
      return true;
    }
    if (key.table === "index") return this.trail.setRow(key, derived !== null);
    if (key.table !== "cell") return true;
    const setId = idOf.get(key.set) as number;
    const wasThere = this.#cellWriter.set(setId, { ...key, vector: vectorOfContent(derived ?? "[]") });
    this.#buckets.repaired(setId, key, revision, atMs);
    return wasThere;
  }

  /** Moves the watermark if it still equals `from`: of concurrent folds one succeeds. */
  #moved({ from, to }: Pick<FoldStep, "from" | "to">): boolean {
    return this.#moveWatermark.run(...columnsOf(to), ...columnsOf(from)).changes === 1;
  }

  #atOneMoment<Result>(read: () => Result): Result {
    return this.#database.transaction(read).deferred();
  }
}

function columnsOf({ seq, revision, users, minutesFromMs }: Watermark): WatermarkColumns {
  return [seq, revision, users, minutesFromMs];
}
