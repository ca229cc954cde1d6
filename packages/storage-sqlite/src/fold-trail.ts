import type { EntityKind } from "@trinity/aggregation/entity-kind";
import type { FoldStep } from "@trinity/aggregation/fold";
import type { Database, Statement } from "better-sqlite3";
import { compareRefs } from "./ref-order.ts";

/** What folding leaves behind besides its sums: in which chunks an entity's events lie, and when each stretch of the log was folded. */
export class FoldTrail {
  readonly #putIndex: Statement<[EntityKind, key: string, seq: number]>;
  readonly #seqsOf: Statement<[EntityKind, key: string], number>;
  readonly #putTime: Statement<[toSeq: number, foldedAtMs: number]>;
  readonly #times: Statement<[], { readonly toSeq: number; readonly foldedAtMs: number }>;

  constructor(database: Database) {
    this.#putIndex = database.prepare("INSERT INTO log_index (kind, key, seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
    this.#seqsOf = database
      .prepare<[EntityKind, string], number>("SELECT seq FROM log_index WHERE kind = ? AND key = ? ORDER BY seq")
      .pluck();
    this.#putTime = database.prepare("INSERT INTO fold_time (to_seq, folded_at_ms) VALUES (?, ?)");
    this.#times = database.prepare("SELECT to_seq AS toSeq, folded_at_ms AS foldedAtMs FROM fold_time ORDER BY to_seq");
  }

  write({ from, to, foldedAtMs, index }: FoldStep): void {
    for (const { kind, key, seq } of [...index].sort(compareRefs)) this.#putIndex.run(kind, key, seq);
    if (to.seq > from.seq) this.#putTime.run(to.seq, foldedAtMs);
  }

  /** @returns the chunks that hold events of an entity, oldest first */
  seqsOf(kind: EntityKind, key: string): readonly number[] {
    return this.#seqsOf.all(kind, key);
  }

  foldTimes(): readonly { readonly toSeq: number; readonly foldedAtMs: number }[] {
    return this.#times.all();
  }
}
