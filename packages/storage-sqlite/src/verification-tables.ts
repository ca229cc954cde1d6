import { auditText } from "@trinity/storage/repair-step";
import type { StateRowKey } from "@trinity/storage/state-row";
import {
  type BucketKey,
  lastRepairsMax,
  type Repair,
  type RepairRecord,
  type VerificationCycle,
  type VerificationSummary,
} from "@trinity/storage/verification-store";
import type { Database, Statement } from "better-sqlite3";
import { IncompleteStateError } from "./state-damage.ts";

type CycleColumns = [finishedAtMs: number, throughSeq: number, unresolved: number, unresolvedBuckets: string];
type Row = {
  readonly frozenBeforeMs: number;
  readonly finishedAtMs: number | null;
  readonly throughSeq: number | null;
  readonly unresolved: number | null;
  /** Null where an older release recorded the cycle. */
  readonly unresolvedBuckets: string | null;
};
type AuditRow = { readonly atMs: number; readonly part: string; readonly stored: string | null; readonly derived: string | null };

/** The audit of repairs, the last cycle, and the instant before which buckets are frozen. */
export class VerificationTables {
  readonly #row: Statement<[], Row>;
  readonly #freeze: Statement<[frozenBeforeMs: number]>;
  readonly #putCycle: Statement<CycleColumns>;
  readonly #putRepair: Statement<[atMs: number, part: string, stored: string | null, derived: string | null]>;
  readonly #repairs: Statement<[], number>;
  readonly #lastRepairs: Statement<[limit: number], AuditRow>;

  constructor(database: Database) {
    this.#row = database.prepare(
      `SELECT frozen_before_ms AS frozenBeforeMs, finished_at_ms AS finishedAtMs, through_seq AS throughSeq, unsettled AS unresolved,
              unsettled_buckets AS unresolvedBuckets
       FROM verification`,
    );
    this.#freeze = database.prepare("UPDATE verification SET frozen_before_ms = ?");
    this.#putCycle = database.prepare("UPDATE verification SET finished_at_ms = ?, through_seq = ?, unsettled = ?, unsettled_buckets = ?");
    this.#putRepair = database.prepare("INSERT INTO repair (at_ms, part, stored, derived) VALUES (?, ?, ?, ?)");
    this.#repairs = database.prepare<[], number>("SELECT count(*) FROM repair").pluck();
    this.#lastRepairs = database.prepare("SELECT at_ms AS atMs, part, stored, derived FROM repair ORDER BY id DESC LIMIT ?");
  }

  frozenBeforeMs(): number {
    return this.#rowOrThrow().frozenBeforeMs;
  }

  freezeBefore(beforeMs: number): void {
    this.#freeze.run(beforeMs);
  }

  putCycle({ finishedAtMs, throughSeq, unresolved, unresolvedBuckets }: VerificationCycle): void {
    this.#putCycle.run(finishedAtMs, throughSeq, unresolved, JSON.stringify(unresolvedBuckets));
  }

  putRepair({ key, stored, derived }: Repair, atMs: number): void {
    this.#putRepair.run(atMs, JSON.stringify(key), auditText(stored), auditText(derived));
  }

  putAuditRow(atMs: number, part: string, stored: string | null, derived: string | null): void {
    this.#putRepair.run(atMs, part, stored, derived);
  }

  summary(): Omit<VerificationSummary, "buckets" | "verified" | "pending" | "repaired" | "frozen"> {
    const row = this.#rowOrThrow();
    const lastRepairs = this.#lastRepairs.all(lastRepairsMax).flatMap(recordOf);
    return { frozenBeforeMs: row.frozenBeforeMs, lastCycle: cycleOf(row), repairs: this.#repairs.get() as number, lastRepairs };
  }

  #rowOrThrow(): Row {
    const row = this.#row.get();
    if (row === undefined) throw new IncompleteStateError("state.db has no row of its verification");
    return row;
  }
}

function cycleOf({ finishedAtMs, throughSeq, unresolved, unresolvedBuckets }: Row): VerificationCycle | null {
  if (finishedAtMs === null || throughSeq === null || unresolved === null) return null;
  return { finishedAtMs, throughSeq, unresolved, unresolvedBuckets: JSON.parse(unresolvedBuckets ?? "[]") as readonly BucketKey[] };
}

/** A damaged audit row is counted but not returned. */
function recordOf({ atMs, part, stored, derived }: AuditRow): readonly RepairRecord[] {
  try {
    return [{ atMs, key: JSON.parse(part) as StateRowKey, stored, derived }];
  } catch {
    return [];
  }
}
