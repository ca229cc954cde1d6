import type { FoldStep, IndexRow } from "@trinity/aggregation/fold";
import type { FoldTime } from "@trinity/storage/event-store";
import type { StateRow } from "@trinity/storage/state-row";
import type { Database, Statement } from "better-sqlite3";
import { compareRefs } from "./ref-order.ts";

/** The index rows and the fold times. */
export class FoldTrail {
  readonly #putIndex: Statement<[kind: string, key: string, seq: number]>;
  readonly #seqsOf: Statement<[userId: string], number>;
  readonly #deleteIndex: Statement<[kind: string, key: string, seq: number]>;
  readonly #after: Statement<[kind: string, key: string, seq: number], IndexRow>;
  readonly #putTime: Statement<[toSeq: number, foldedAtMs: number]>;
  readonly #keepTime: Statement<[toSeq: number, foldedAtMs: number]>;
  readonly #deleteTimes: Statement<[afterSeq: number]>;
  readonly #times: Statement<[afterSeq: number, limit: number], FoldTime>;

  constructor(database: Database) {
    this.#putIndex = database.prepare("INSERT INTO log_index (kind, key, seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
    this.#seqsOf = database.prepare<[string], number>("SELECT seq FROM log_index WHERE kind = 'user' AND key = ? ORDER BY seq").pluck();
    this.#deleteIndex = database.prepare("DELETE FROM log_index WHERE kind = ? AND key = ? AND seq = ?");
    // Processes of older releases also write rows of sessions and rooms.
    this.#after = database.prepare(
      `SELECT kind, key, seq FROM log_index WHERE (kind, key, seq) > (?, ?, ?) AND kind NOT IN ('session', 'room') ORDER BY kind, key, seq`,
    );
    this.#putTime = database.prepare(
      "INSERT INTO fold_time (to_seq, folded_at_ms) VALUES (?, ?) ON CONFLICT DO UPDATE SET folded_at_ms = excluded.folded_at_ms",
    );
    this.#keepTime = database.prepare("INSERT INTO fold_time (to_seq, folded_at_ms) VALUES (?, ?) ON CONFLICT DO NOTHING");
    this.#deleteTimes = database.prepare("DELETE FROM fold_time WHERE to_seq > ?");
    this.#times = database.prepare(
      "SELECT to_seq AS toSeq, folded_at_ms AS foldedAtMs FROM fold_time WHERE to_seq > ? ORDER BY to_seq LIMIT ?",
    );
  }

  write({ from, to, foldedAtMs, index }: FoldStep): void {
    for (const { kind, key, seq } of [...index].sort(compareRefs)) this.#putIndex.run(kind, key, seq);
    if (to.seq > from.seq) this.#putTime.run(to.seq, foldedAtMs);
  }

  /** Stores the time of a fold to repeat. */
  keepTime({ toSeq, foldedAtMs }: FoldTime): void {
    this.#keepTime.run(toSeq, foldedAtMs);
  }

  /** Removes fold times beyond the end of the log, which cannot be repeated. */
  forgetAfter(headSeq: number): void {
    this.#deleteTimes.run(headSeq);
  }

  /** @returns the chunks that have events of a user, oldest first */
  seqsOf(userId: string): readonly number[] {
    return this.#seqsOf.all(userId);
  }

  /** All index rows in order, after `after`, as state rows. */
  *rowsAfter(after: IndexRow | null): Generator<StateRow> {
    for (const row of this.#after.iterate(after?.kind ?? "", after?.key ?? "", after?.seq ?? 0)) {
      yield { key: { table: "index", ...row }, content: "" };
    }
  }

  /** @returns whether anything changed */
  setRow({ kind, key, seq }: IndexRow, isThere: boolean): boolean {
    return (isThere ? this.#putIndex : this.#deleteIndex).run(kind, key, seq).changes > 0;
  }

  foldTimes(afterSeq: number, limit: number): readonly FoldTime[] {
    return this.#times.all(afterSeq, limit);
  }
}
