import type { LogChunk } from "@trinity/aggregation/log-chunk";
import { type CheckLog, duplicateEventsDamage, type KeyOfStored, type LogCheckPage } from "@trinity/storage/check-log";
import { CorruptChunkError, decodeChunk } from "@trinity/storage/chunk-body";
import { daySpansOf } from "@trinity/storage/day-spans";
import type { EventKey } from "@trinity/storage/event-store";
import type { Database, Statement } from "better-sqlite3";
import { openLog } from "./open-log.ts";
import { openedOnce } from "./opened-once.ts";
import { attemptOn } from "./unavailable.ts";
import { inWriteTransaction } from "./write-transaction.ts";

const chunksAtOnce = 200;
/** Events to compare before the process can do other work. */
const eventsAtOnce = 4_000;

/** An event whose index row has another chunk, or is missing. */
type Misplaced = { readonly eventId: string; readonly key: EventKey; readonly listedIn: number | undefined };
type ChunkRow = { readonly seq: number; readonly receivedAtMs: number; readonly events: number; readonly body: Uint8Array };

/**
 * The check of a log in files. It never changes a chunk's body. It corrects index rows in short transactions, which delay appends like a
 * checkpoint does.
 */
export function openSqliteLogCheck(dataDir: string, keyOf: KeyOfStored): { readonly check: CheckLog; close(): Promise<void> } {
  const file = openedOnce(
    () => openLog(dataDir, "readwrite"),
    (database) => void database.close(),
  );
  const rows = openedOnce(
    () => new RowsBesideChunks(file.get(), keyOf),
    () => {},
  );
  const attempt = attemptOn({
    file: "log.db",
    reopen: () => {
      for (const opened of [rows, file]) opened.reopen();
    },
  });
  return {
    check: (afterSeq, isPass) => attempt(() => rows.get().check(afterSeq, isPass)),
    close: async () => {
      await rows.close();
      await file.close();
    },
  };
}

class RowsBesideChunks {
  readonly #database: Database;
  readonly #keyOf: KeyOfStored;
  readonly #firstSeq: Statement<[], number>;
  readonly #headSeq: Statement<[], number>;
  readonly #chunks: Statement<[afterSeq: number, limit: number], ChunkRow>;
  readonly #chunk: Statement<[seq: number], ChunkRow>;
  readonly #setColumns: Statement<[receivedAtMs: number, events: number, seq: number, receivedAtMs: number, events: number]>;
  readonly #hasDay: Statement<[day: number, seq: number, firstMs: number, lastMs: number], 1>;
  readonly #putDay: Statement<[day: number, seq: number, firstMs: number, lastMs: number]>;
  readonly #seqOfKey: Statement<[key: Uint8Array], number>;
  readonly #putKey: Statement<[key: Uint8Array, seq: number]>;
  readonly #unlistedIds: Statement<[], number>;
  readonly #differingTotals: Statement<[], number>;
  readonly #fixTotals: Statement<[]>;
  readonly #dropTotals: Statement<[]>;

  constructor(database: Database, keyOf: KeyOfStored) {
    this.#database = database;
    this.#keyOf = keyOf;
    this.#firstSeq = database.prepare<[], number>("SELECT coalesce(min(seq), 1) FROM chunk").pluck();
    this.#headSeq = database.prepare<[], number>("SELECT coalesce(max(seq), 0) FROM chunk").pluck();
    this.#chunks = database.prepare(
      "SELECT seq, received_at_ms AS receivedAtMs, events, body FROM chunk WHERE seq > ? ORDER BY seq LIMIT ?",
    );
    this.#chunk = database.prepare("SELECT seq, received_at_ms AS receivedAtMs, events, body FROM chunk WHERE seq = ?");
    this.#setColumns = database.prepare(
      "UPDATE chunk SET received_at_ms = ?, events = ? WHERE seq = ? AND (received_at_ms <> ? OR events <> ?)",
    );
    this.#hasDay = database.prepare("SELECT 1 FROM chunk_day WHERE day = ? AND seq = ? AND first_ms = ? AND last_ms = ?");
    this.#putDay = database.prepare("INSERT OR REPLACE INTO chunk_day (day, seq, first_ms, last_ms) VALUES (?, ?, ?, ?)");
    this.#seqOfKey = database.prepare<[Uint8Array], number>("SELECT seq FROM event_id WHERE key = ?").pluck();
    this.#putKey = database.prepare("INSERT OR REPLACE INTO event_id (key, seq) VALUES (?, ?)");
    this.#unlistedIds = database
      .prepare<[], number>("SELECT (SELECT coalesce(sum(events), 0) FROM chunk) - (SELECT count(*) FROM event_id)")
      .pluck();
    this.#differingTotals = database
      .prepare<[], number>(
        `SELECT count(*) FROM (SELECT day, sum(n) AS n FROM (SELECT day, chunks AS n FROM day_total
         UNION ALL SELECT day, -count(*) FROM chunk_day GROUP BY day) GROUP BY day) WHERE n <> 0`,
      )
      .pluck();
    this.#fixTotals = database.prepare(
      `INSERT INTO day_total (day, chunks) SELECT day, count(*) AS listed FROM chunk_day GROUP BY day
       HAVING listed IS NOT (SELECT chunks FROM day_total WHERE day_total.day = chunk_day.day)
       ON CONFLICT DO UPDATE SET chunks = excluded.chunks`,
    );
    this.#dropTotals = database.prepare("DELETE FROM day_total WHERE day NOT IN (SELECT day FROM chunk_day)");
  }

  check(afterSeq: number, isPass: boolean): LogCheckPage {
    const damaged: string[] = [];
    let [seq, mended, events] = [Math.max(afterSeq, (this.#firstSeq.get() as number) - 1), 0, 0];
    const headSeq = this.#headSeq.get() as number;
    for (const row of this.#chunks.all(seq, chunksAtOnce)) {
      for (seq += 1; seq < row.seq; seq++) damaged.push(new CorruptChunkError(seq, "is missing").reason);
      const chunk = chunkOrDamage(row, damaged);
      if (chunk !== null) mended += this.#mend(row, chunk, damaged);
      events += row.events;
      if (events >= eventsAtOnce) break;
    }
    const isLast = seq >= headSeq;
    if (isLast && isPass) mended += this.#end(damaged);
    return { throughSeq: seq, isLast, damaged, mended, imbalance: isLast ? this.#imbalance() : null };
  }

  /** @returns how many rows did not match the chunk */
  #mend(row: ChunkRow, { seq, receivedAtMs, events }: LogChunk, damaged: string[]): number {
    const spans = daySpansOf(events).filter(({ day, firstMs, lastMs }) => this.#hasDay.get(day, seq, firstMs, lastMs) === undefined);
    const misplaced = events.flatMap(({ eventId }) => {
      const key = this.#keyOf(eventId);
      const listedIn = key === null ? seq : this.#seqOfKey.get(key);
      return key === null || listedIn === seq ? [] : [{ eventId, key, listedIn }];
    });
    const twice = this.#heldBefore(seq, misplaced);
    if (twice.size > 0) damaged.push(duplicateEventsDamage(seq, twice.size));
    const keys = misplaced.filter(({ eventId }) => !twice.has(eventId)).map(({ key }) => key);
    const hasColumns = row.receivedAtMs === receivedAtMs && row.events === events.length;
    if (spans.length === 0 && keys.length === 0 && hasColumns) return 0;
    return inWriteTransaction(this.#database, () => {
      for (const { day, firstMs, lastMs } of spans) this.#putDay.run(day, seq, firstMs, lastMs);
      for (const key of keys) this.#putKey.run(key, seq);
      return spans.length + keys.length + this.#setColumns.run(receivedAtMs, events.length, seq, receivedAtMs, events.length).changes;
    });
  }

  /** @returns the events that are really in the earlier chunk of their row: they were stored twice, and the first one counts */
  #heldBefore(seq: number, misplaced: readonly Misplaced[]): ReadonlySet<string> {
    const held = new Set<string>();
    for (const [listedIn, events] of Map.groupBy(misplaced, (event) => event.listedIn)) {
      const row = listedIn === undefined || listedIn > seq ? undefined : this.#chunk.get(listedIn);
      const ids = new Set(row === undefined ? [] : chunkOrDamage(row, [])?.events.map(({ eventId }) => eventId));
      for (const { eventId } of events) if (ids.has(eventId)) held.add(eventId);
    }
    return held;
  }

  #imbalance(): string | null {
    return this.#database
      .transaction(() => {
        const [unlisted, totals] = [this.#unlistedIds.get() as number, this.#differingTotals.get() as number];
        return unlisted > 0 || totals > 0 ? `${unlisted} unlisted, ${totals} days` : null;
      })
      .deferred();
  }

  /** Compares the totals, once every chunk was compared. */
  #end(damaged: string[]): number {
    const unlisted = this.#unlistedIds.get() as number;
    if (unlisted > 0) {
      damaged.push(
        `${unlisted} events of the log have no row of their own in event_id, so a repeat of them counts twice, or did; restore the log from a copy`,
      );
    }
    return inWriteTransaction(this.#database, () => this.#fixTotals.run().changes + this.#dropTotals.run().changes);
  }
}

function chunkOrDamage({ seq, body }: ChunkRow, damaged: string[]): LogChunk | null {
  try {
    return decodeChunk(seq, body);
  } catch (error) {
    if (!(error instanceof CorruptChunkError)) throw error;
    damaged.push(error.reason);
    return null;
  }
}
