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
  readonly #claimIds: Statement<[{ readonly keys: Uint8Array; readonly seq: number }]>;
  readonly #claimedBy: Statement<[key: Uint8Array], number>;
  readonly #insertChunk: Statement<[seq: number, receivedAtMs: number, events: number, body: Uint8Array]>;
  readonly #insertDay: Statement<[day: number, seq: number, firstMs: number, lastMs: number]>;
  readonly #countDay: Statement<[day: number]>;
  readonly #putRejection: Statement<[key: Uint8Array, atMs: number, code: string]>;

  constructor(database: Database) {
    this.#database = database;
    this.#headSeq = database.prepare<[], number>("SELECT coalesce(max(seq), 0) FROM chunk").pluck();
    this.#claimIds = database.prepare(claimIdsSql);
    this.#claimedBy = database.prepare<[Uint8Array], number>("SELECT seq FROM event_id WHERE key = ?").pluck();
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
    const duplicate = this.#claim(batch.events, seq);
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

  /**
   * Claims keys in order, so that each page of the tree is written once, and in one statement, because a call for each costs as much as its row.
   * @returns for each event, whether its key was claimed before, by an earlier chunk or an earlier event of this one
   */
  #claim(events: readonly NewEvent[], seq: number): readonly boolean[] {
    const duplicate = new Array<boolean>(events.length).fill(false);
    // The sort is stable, so the first of equal keys wins.
    const order = duplicate.map((_, i) => i).sort((a, b) => compareKeys((events[a] as NewEvent).key, (events[b] as NewEvent).key));
    const keys = order.map((i) => (events[i] as NewEvent).key);
    if (events.length === 0 || this.#claimIds.run({ keys: Buffer.concat(keys), seq }).changes === events.length) return duplicate;
    for (const [at, i] of order.entries()) {
      const key = keys[at] as Uint8Array;
      const previous = keys[at - 1];
      duplicate[i] = (previous !== undefined && compareKeys(previous, key) === 0) || this.#claimedBy.get(key) !== seq;
    }
    return duplicate;
  }
}

const keyBytes = 16;

/** `@keys` are keys one after another. */
const claimIdsSql = `
  WITH RECURSIVE place (start) AS (VALUES (1) UNION ALL SELECT start + ${keyBytes} FROM place WHERE start + ${keyBytes} <= length(@keys))
  INSERT INTO event_id (key, seq) SELECT substr(@keys, start, ${keyBytes}), @seq FROM place WHERE true ON CONFLICT DO NOTHING`;

/** As `Buffer.compare`, whose call costs more than the few bytes that two keys have in common. */
function compareKeys(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < keyBytes; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
