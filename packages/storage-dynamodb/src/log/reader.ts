import type { LogChunk } from "@trinity/aggregation/log-chunk";
import { overlapsAny, type TimeRange } from "@trinity/aggregation/time-range";
import { mapConcurrently } from "@trinity/runtime/limiter";
import { CorruptChunkError } from "@trinity/storage/chunk-body";
import { pageOf } from "@trinity/storage/chunk-page";
import type { ChunkRanges } from "@trinity/storage/event-store";
import { readBlob } from "../client/blob.ts";
import type { Dynamo, Item } from "../client/dynamo.ts";
import { sortable } from "../client/sort-key.ts";
import { lacksCommit, writerOfChunk } from "../restored-tables.ts";
import { chunkOf, entryKey, entryOfItem, type LogEntry, lastSeqOfPartition, partitionOfSeq } from "./entry.ts";
import type { LogIndex } from "./log-index.ts";
import { decodePayload, type LogPayload } from "./payload.ts";

const entriesAtOnce = 512;
const payloadsAtOnce = 8;

/** Reads the log. A chunk that is damaged or missing throws `CorruptChunkError`; it is never skipped. */
export class LogReader {
  readonly #dynamo: Dynamo;
  readonly #index: LogIndex;
  /** A chunk that exists; the search for the head begins here. */
  #knownHead = 0;
  /** The last entry that `readChunks` returned. */
  #lastRead: LogEntry | null = null;

  constructor(dynamo: Dynamo, index: LogIndex) {
    this.#dynamo = dynamo;
    this.#index = index;
  }

  /** @throws {DamagedDataError} when a chunk that was seen before is missing */
  async headSeq(): Promise<number> {
    if (this.#knownHead === 0) this.#knownHead = await this.#index.throughSeq();
    for (;;) {
      // The same query reads the known chunk again, to notice a log that was restored to an older moment.
      const known = this.#knownHead;
      const page = await this.entriesAfter(Math.max(0, known - 1), entriesAtOnce);
      if (known > 0 && page.length === 0) throw lacksCommit(known, "were acknowledged");
      this.#knownHead = Math.max(this.#knownHead, page.at(-1)?.seq ?? 0);
      if (page.length < entriesAtOnce) return this.#knownHead;
    }
  }

  /** The last chunk, even when earlier ones are missing. @param afterSeq a chunk that once existed */
  async lastSeq(afterSeq: number): Promise<number> {
    for (let last = afterSeq; ; ) {
      const [newest] = await this.#dynamo.query("log", "events", partitionOfSeq(last + 1), { descending: true, limit: 1 });
      const seq = Number(newest?.sk ?? 0);
      if (seq <= last) return last;
      last = seq;
      if (last < lastSeqOfPartition(last)) return last;
    }
  }

  /** The entries of a range of slots; for a missing or damaged entry, the error. */
  async entriesBetween(firstSeq: number, lastSeq: number): Promise<readonly (LogEntry | CorruptChunkError)[]> {
    const entries = new Map<number, LogEntry | CorruptChunkError>();
    for (let seq = firstSeq; seq <= lastSeq; seq = lastSeqOfPartition(seq) + 1) {
      const range = { from: sortable(seq), to: sortable(Math.min(lastSeq, lastSeqOfPartition(seq))) };
      for (const item of await this.#dynamo.query("log", "events", partitionOfSeq(seq), range)) {
        entries.set(Number(item.sk), entryOrDamage(item));
      }
    }
    return Array.from({ length: lastSeq - firstSeq + 1 }, (_, i) => {
      return entries.get(firstSeq + i) ?? new CorruptChunkError(firstSeq + i, "is missing");
    });
  }

  /** The next entries in order; fewer than `limit` only at the end of the log. */
  async entriesAfter(afterSeq: number, limit: number): Promise<readonly LogEntry[]> {
    const entries: LogEntry[] = [];
    for (let seq = afterSeq + 1; entries.length < limit; ) {
      const lastSeq = lastSeqOfPartition(seq);
      const wanted = limit - entries.length;
      const items = await this.#dynamo.query("log", "events", partitionOfSeq(seq), { from: sortable(seq), limit: wanted });
      for (const entry of items.map(entryOfItem)) {
        if (entry.seq !== seq) throw new CorruptChunkError(seq, "is missing");
        entries.push(entry);
        seq += 1;
      }
      if (items.length < wanted && seq <= lastSeq) break;
    }
    return entries;
  }

  async readChunks(afterSeq: number, eventsMax: number): Promise<readonly LogChunk[]> {
    const entries = await this.entriesAfter(afterSeq, Math.min(entriesAtOnce, eventsMax));
    const page = pageOf(entries.map(sized), eventsMax);
    this.#lastRead = page.at(-1) ?? this.#lastRead;
    return this.#chunksOf(page);
  }

  /** @returns the writer of a chunk; null when there is no such chunk */
  async writerOf(seq: number): Promise<string | null> {
    return this.#lastRead?.seq === seq ? this.#lastRead.writer : writerOfChunk(this.#dynamo, seq);
  }

  async readChunksInRanges({ afterSeq, throughSeq, ranges }: ChunkRanges, eventsMax: number): Promise<readonly LogChunk[]> {
    const indexed = await this.#index.throughSeq();
    const listed = await this.#index.seqsInRanges({ afterSeq, throughSeq: Math.min(throughSeq, indexed), ranges });
    const page = await this.entriesOf(listed.slice(0, eventsMax));
    const tail: LogEntry[] = [];
    for (let after = Math.max(afterSeq, indexed); listed.length <= eventsMax && after < throughSeq; ) {
      const entries = await this.entriesAfter(after, entriesAtOnce);
      tail.push(...entries.filter((entry) => entry.seq <= throughSeq && isInRanges(entry, ranges)));
      if (entries.length < entriesAtOnce) break;
      after = (entries.at(-1) as LogEntry).seq;
    }
    return this.#chunksOf(pageOf([...page, ...tail].map(sized), eventsMax));
  }

  /** @throws {CorruptChunkError} when one of them is missing */
  async readChunksAt(seqs: readonly number[]): Promise<readonly LogChunk[]> {
    return this.#chunksOf(await this.entriesOf(seqs));
  }

  async entriesOf(seqs: readonly number[]): Promise<readonly LogEntry[]> {
    const items = await this.#dynamo.getAll("log", "events", seqs.map(entryKey));
    const bySeq = new Map(items.map((item) => [Number(item.sk), entryOfItem(item)]));
    return seqs.map((seq) => {
      const entry = bySeq.get(seq);
      if (entry === undefined) throw new CorruptChunkError(seq, "is missing");
      return entry;
    });
  }

  /** @throws {CorruptChunkError} */
  async payloadOf({ seq, writer, payload: fields }: LogEntry): Promise<LogPayload> {
    const bytes = await readBlob(this.#dynamo, "log", "events", fields);
    if (bytes === null) throw new CorruptChunkError(seq, "lacks a piece");
    const payload = decodedOrCorrupt(seq, bytes);
    if (payload.writer !== writer) throw new CorruptChunkError(seq, "has the payload of another chunk");
    return payload;
  }

  #chunksOf(entries: readonly LogEntry[]): Promise<readonly LogChunk[]> {
    return mapConcurrently(entries, payloadsAtOnce, async (entry) => chunkOf(entry, (await this.payloadOf(entry)).events));
  }
}

function sized(entry: LogEntry) {
  return { events: entry.events, read: () => entry };
}

function entryOrDamage(item: Item): LogEntry | CorruptChunkError {
  try {
    return entryOfItem(item);
  } catch (error) {
    if (error instanceof CorruptChunkError) return error;
    throw error;
  }
}

function isInRanges({ spans }: LogEntry, ranges: readonly TimeRange[]): boolean {
  return spans.some(({ firstMs, lastMs }) => overlapsAny(ranges, firstMs, lastMs));
}

function decodedOrCorrupt(seq: number, bytes: Uint8Array): LogPayload {
  try {
    return decodePayload(bytes);
  } catch (error) {
    throw new CorruptChunkError(seq, "is damaged", { cause: error });
  }
}
