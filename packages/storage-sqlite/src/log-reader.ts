import type { LogChunk } from "@trinity/aggregation/log-chunk";
import { overlapsAny, type TimeRange } from "@trinity/aggregation/time-range";
import { CorruptChunkError, decodeChunk } from "@trinity/storage/chunk-body";
import { pageOf, type SizedChunk } from "@trinity/storage/chunk-page";
import { dayOf } from "@trinity/storage/day-spans";
import { type ChunkRanges, DamagedDataError, type EventKey, type EventStatus } from "@trinity/storage/event-store";
import type { Database, Statement } from "better-sqlite3";
import { type ChunkDigest, digestOf } from "./chunk-digest.ts";
import { DecodedChunks } from "./decoded-chunks.ts";

type ChunkRow = { readonly seq: number; readonly events: number; readonly body: Uint8Array };

type DayRow = { readonly seq: number; readonly firstMs: number; readonly lastMs: number };
/** The ranges of each day that has chunks. */
type RangesByDay = ReadonlyMap<number, readonly [TimeRange, ...TimeRange[]]>;

/** How many chunk numbers are looked up at once. */
const seqsAtOnce = 256;

/** Reads the log. A damaged chunk is a `CorruptChunkError`; it is never left out. */
export class LogReader {
  readonly #firstSeq: Statement<[], number>;
  readonly #headSeq: Statement<[], number>;
  readonly #stored: Statement<[EventKey], { atMs: number }>;
  readonly #rejected: Statement<[EventKey], { atMs: number; reason: string }>;
  readonly #chunk: Statement<[seq: number], ChunkRow>;
  readonly #chunksAfter: Statement<[afterSeq: number], ChunkRow>;
  readonly #unlisted: Statement<[fromDay: number, toDay: number, fromDay: number, toDay: number], number>;
  readonly #nextDay: Statement<[fromDay: number], number | null>;
  readonly #chunksOfDay: Statement<[day: number, afterSeq: number, throughSeq: number, toMs: number, fromMs: number], DayRow>;
  /** Dashboards ask for the ends of the same ranges again and again. */
  readonly #decoded = new DecodedChunks();

  constructor(database: Database) {
    this.#firstSeq = database.prepare<[], number>("SELECT coalesce(min(seq), 1) FROM chunk").pluck();
    this.#headSeq = database.prepare<[], number>("SELECT coalesce(max(seq), 0) FROM chunk").pluck();
    this.#stored = database.prepare("SELECT received_at_ms AS atMs FROM chunk WHERE seq = (SELECT seq FROM event_id WHERE key = ?)");
    this.#rejected = database.prepare("SELECT at_ms AS atMs, code AS reason FROM refusal WHERE key = ?");
    this.#chunk = database.prepare("SELECT seq, events, body FROM chunk WHERE seq = ?");
    this.#chunksAfter = database.prepare("SELECT seq, events, body FROM chunk WHERE seq > ? ORDER BY seq");
    this.#unlisted = database
      .prepare<[number, number, number, number], number>(
        `SELECT (SELECT coalesce(sum(chunks), 0) FROM day_total WHERE day BETWEEN ? AND ?)
              - (SELECT count(*) FROM chunk_day WHERE day BETWEEN ? AND ?)`,
      )
      .pluck();
    this.#nextDay = database.prepare<[number], number | null>("SELECT min(day) FROM chunk_day WHERE day >= ?").pluck();
    this.#chunksOfDay = database.prepare(
      `SELECT seq, first_ms AS firstMs, last_ms AS lastMs FROM chunk_day
       WHERE day = ? AND seq > ? AND seq <= ? AND first_ms < ? AND last_ms >= ? ORDER BY seq`,
    );
  }

  /** @returns 1 while the log is empty */
  firstSeq(): number {
    return this.#firstSeq.get() as number;
  }

  headSeq(): number {
    return this.#headSeq.get() as number;
  }

  statusOf(key: EventKey): EventStatus {
    const stored = this.#stored.get(key);
    if (stored !== undefined) return { state: "stored", ...stored };
    const rejected = this.#rejected.get(key);
    return rejected === undefined ? { state: "unknown" } : { state: "rejected", ...rejected };
  }

  /** @throws {CorruptChunkError} also when there is no such chunk */
  readChunk(seq: number): LogChunk {
    return decoded(this.#rowOf(seq));
  }

  /** @returns null when there is no such chunk */
  digestOf(seq: number): ChunkDigest | null {
    const row = this.#chunk.get(seq);
    return row === undefined ? null : digestOf(seq, row.body);
  }

  readChunks(afterSeq: number, eventsMax: number): readonly LogChunk[] {
    return pageOf(this.#following(afterSeq), eventsMax);
  }

  /** @throws {DamagedDataError} when the index by day lacks rows of the ranges, so that chunks would be left out */
  readChunksInRanges({ afterSeq, throughSeq, ranges }: ChunkRanges, eventsMax: number): readonly LogChunk[] {
    // Checked at one page of a query for all of them.
    if (afterSeq === 0) this.#requireListed(ranges);
    return pageOf(this.#inRanges(this.#daysOf(ranges), afterSeq, throughSeq), eventsMax);
  }

  *#following(afterSeq: number): Generator<SizedChunk<LogChunk>> {
    let expected = Math.max(afterSeq + 1, this.#firstSeq.get() as number);
    for (const row of this.#chunksAfter.iterate(afterSeq)) {
      if (row.seq !== expected) throw new CorruptChunkError(expected, "is missing");
      expected += 1;
      yield { events: row.events, read: () => decoded(row) };
    }
  }

  *#inRanges(days: RangesByDay, afterSeq: number, throughSeq: number): Generator<SizedChunk<LogChunk>> {
    let seqs = this.#nextSeqs(days, afterSeq, throughSeq);
    while (seqs.length > 0) {
      for (const seq of seqs) {
        const { events, body } = this.#rowOf(seq);
        yield { events, read: () => this.#decoded.chunkOf(seq, body) };
      }
      seqs = this.#nextSeqs(days, seqs.at(-1) as number, throughSeq);
    }
  }

  /** The next chunk numbers over all days of the ranges: a merge of the days' ordered lists. */
  #nextSeqs(days: RangesByDay, afterSeq: number, throughSeq: number): readonly number[] {
    const seqs = new Set<number>();
    for (const [day, ranges] of days) {
      const [{ fromMs }, { toMs }] = [ranges[0], ranges.at(-1) as TimeRange];
      let found = 0;
      for (const { seq, firstMs, lastMs } of this.#chunksOfDay.iterate(day, afterSeq, throughSeq, toMs, fromMs)) {
        if (!overlapsAny(ranges, firstMs, lastMs)) continue;
        seqs.add(seq);
        if (++found === seqsAtOnce) break;
      }
    }
    return [...seqs].sort((a, b) => a - b).slice(0, seqsAtOnce);
  }

  #daysOf(ranges: readonly TimeRange[]): RangesByDay {
    const days = new Map<number, [TimeRange, ...TimeRange[]]>();
    for (const range of ranges) {
      const lastDay = dayOf(range.toMs - 1);
      for (let day = this.#dayFrom(dayOf(range.fromMs)); day <= lastDay; day = this.#dayFrom(day + 1)) {
        const ofDay = days.get(day);
        if (ofDay === undefined) days.set(day, [range]);
        else ofDay.push(range);
      }
    }
    return days;
  }

  #requireListed(ranges: readonly TimeRange[]): void {
    let checkedDay = Number.NEGATIVE_INFINITY;
    for (const { fromMs, toMs } of ranges) {
      const [fromDay, toDay] = [Math.max(dayOf(fromMs), checkedDay + 1), dayOf(toMs - 1)];
      if (fromDay <= toDay && this.#unlisted.get(fromDay, toDay, fromDay, toDay) !== 0)
        throw new DamagedDataError("the index of the log by day is damaged; the check of the log sets it right from the chunks");
      checkedDay = toDay;
    }
  }

  #dayFrom(day: number): number {
    return this.#nextDay.get(day) ?? Number.POSITIVE_INFINITY;
  }

  #rowOf(seq: number): ChunkRow {
    const row = this.#chunk.get(seq);
    if (row === undefined) throw new CorruptChunkError(seq, "is missing");
    return row;
  }
}

function decoded({ seq, body }: ChunkRow): LogChunk {
  return decodeChunk(seq, body);
}
