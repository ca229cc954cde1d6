import { encodeChunk } from "@trinity/storage/chunk-body";
import { daySpansOf } from "@trinity/storage/day-spans";
import type { AppendBatch, AppendOutcome, NewEvent } from "@trinity/storage/event-store";
import { receiptsOf } from "@trinity/storage/receipts-of";
import type { Database, Statement } from "better-sqlite3";
import { type ChunkDigest, digestOf } from "./chunk-digest.ts";
import { inWriteTransaction } from "./write-transaction.ts";

/** `chunk` is the new chunk; null for an empty batch. */
export type Appended = { readonly outcome: AppendOutcome; readonly chunk: ChunkDigest | null };

/**
 * Appends batches to the log: one transaction, one sync and one chunk each.
 * Statements are prepared once and written by hand, because drizzle builds its queries again for every row.
 */
export class LogWriter {
  readonly #database: Database;
  readonly #headSeq: Statement<[], number>;
  readonly #claimId: Statement<[key: Uint8Array, seq: number]>;
  readonly #insertChunk: Statement<[seq: number, receivedAtMs: number, events: number, body: Uint8Array]>;
  readonly #insertDay: Statement<[day: number, seq: number, firstMs: number, lastMs: number]>;
  readonly #countDay: Statement<[day: number]>;
  readonly #putRejection: Statement<[key: Uint8Array, atMs: number, code: string]>;

  constructor(database: Database) {
    this.#database = database;
    this.#headSeq = database.prepare<[], number>("SELECT coalesce(max(seq), 0) FROM chunk").pluck();
    this.#claimId = database.prepare("INSERT INTO event_id (key, seq) VALUES (?, ?) ON CONFLICT DO NOTHING");
    this.#insertChunk = database.prepare("INSERT INTO chunk (seq, received_at_ms, events, body) VALUES (?, ?, ?, ?)");
    this.#insertDay = database.prepare("INSERT INTO chunk_day (day, seq, first_ms, last_ms) VALUES (?, ?, ?, ?)");
    this.#countDay = database.prepare("INSERT INTO day_total (day, chunks) VALUES (?, 1) ON CONFLICT DO UPDATE SET chunks = chunks + 1");
    this.#putRejection = database.prepare("INSERT OR REPLACE INTO refusal (key, at_ms, code) VALUES (?, ?, ?)");
  }

  append(batch: AppendBatch): Appended {
    if (batch.events.length === 0 && batch.rejections.length === 0) return { outcome: { duplicate: [] }, chunk: null };
    return inWriteTransaction(this.#database, () => this.#appendChunk(batch));
  }

  #appendChunk(batch: AppendBatch): Appended {
    const { receivedAtMs, rejections } = batch;
    const seq = (this.#headSeq.get() as number) + 1;
    const duplicate = this.#claimIds(batch.events, seq);
    const events = batch.events.filter((_, i) => duplicate[i] === false).map(({ event }) => event);
    const body = encodeChunk({ seq, receivedAtMs, receipts: receiptsOf(batch, duplicate), events });
    this.#insertChunk.run(seq, receivedAtMs, events.length, body);
    for (const { day, firstMs, lastMs } of daySpansOf(events)) {
      this.#insertDay.run(day, seq, firstMs, lastMs);
      this.#countDay.run(day);
    }
    for (const { key, code } of rejections) if (key !== null) this.#putRejection.run(key, receivedAtMs, code);
    return { outcome: { duplicate }, chunk: digestOf(seq, body) };
  }

  /** Claims keys in order, so that each page of the tree is written once. The sort is stable, so the first of equal keys wins. */
  #claimIds(events: readonly NewEvent[], seq: number): readonly boolean[] {
    const duplicate = new Array<boolean>(events.length);
    const inOrder = events.map(({ key }, i) => ({ key, i })).sort((a, b) => Buffer.compare(a.key, b.key));
    for (const { key, i } of inOrder) duplicate[i] = this.#claimId.run(key, seq).changes === 0;
    return duplicate;
  }
}
