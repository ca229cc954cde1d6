import { mapConcurrently } from "@trinity/runtime/limiter";
import { type CheckLog, duplicateEventsDamage, type LogCheckPage } from "@trinity/storage/check-log";
import { CorruptChunkError } from "@trinity/storage/chunk-body";
import { daySpansOf } from "@trinity/storage/day-spans";
import { Dynamo } from "../client/dynamo.ts";
import type { DynamoStoreSettings } from "../dynamo-event-store.ts";
import { standardLayout } from "../layout.ts";
import type { LogEntry } from "./entry.ts";
import { type IndexedChunk, LogIndex } from "./log-index.ts";
import type { KeyText, LogPayload } from "./payload.ts";
import { LogReader } from "./reader.ts";

const chunksAtOnce = 200;
const payloadsAtOnce = 8;

/**
 * Opens the check of a log in tables: every entry and payload is readable, they agree, and the index of keys and days matches them. It mends the
 * index and never writes to the log.
 */
export function openDynamoLogCheck({ layout = standardLayout, ...settings }: DynamoStoreSettings): {
  readonly check: CheckLog;
  close(): Promise<void>;
} {
  const dynamo = new Dynamo(settings);
  const index = new LogIndex(dynamo);
  const blocks = new CheckedBlocks(new LogReader(dynamo, index), index, layout.blockChunks);
  return { check: (afterSeq) => blocks.check(afterSeq), close: async () => dynamo.close() };
}

type CheckedBlock = { readonly damaged: readonly string[]; readonly mended: number };

class CheckedBlocks {
  readonly #reader: LogReader;
  readonly #index: LogIndex;
  readonly #blockChunks: number;

  constructor(reader: LogReader, index: LogIndex, blockChunks: number) {
    this.#reader = reader;
    this.#index = index;
    this.#blockChunks = blockChunks;
  }

  async check(afterSeq: number): Promise<LogCheckPage> {
    const { throughSeq: indexedSeq } = await this.#index.progress();
    const head = await this.#reader.lastSeq(Math.max(indexedSeq, afterSeq));
    // From the beginning of a block, which may have been indexed since the last check.
    let seq = afterSeq - (afterSeq % this.#blockChunks);
    const until = Math.min(head, seq + chunksAtOnce);
    const damaged: string[] = [];
    let mended = 0;
    while (seq < until) {
      const last = Math.min(head, seq + this.#blockChunks);
      const block = await this.#checkBlock(seq + 1, last, last <= indexedSeq);
      damaged.push(...block.damaged);
      mended += block.mended;
      seq = last;
    }
    if (mended > 0) await this.#index.countMend();
    return { throughSeq: seq, isLast: seq >= head, damaged, mended, imbalance: null };
  }

  async #checkBlock(firstSeq: number, lastSeq: number, isIndexed: boolean): Promise<CheckedBlock> {
    const entries = await this.#reader.entriesBetween(firstSeq, lastSeq);
    const chunks = await mapConcurrently(entries, payloadsAtOnce, (entry) => this.#chunkOrDamage(entry));
    const damaged = chunks.flatMap((chunk) => (chunk instanceof CorruptChunkError ? [chunk.reason] : []));
    // The index of a block is derived from all its chunks, so it is not checked while one is damaged.
    if (!isIndexed || damaged.length > 0) return { damaged, mended: 0 };
    const { mended, twice } = await this.#index.mend(chunks as readonly IndexedChunk[], (seq, key) => this.#isStoredIn(seq, key));
    const counts = Map.groupBy(twice, (seq) => seq);
    return { damaged: [...counts].map(([seq, { length }]) => duplicateEventsDamage(seq, length)), mended };
  }

  async #chunkOrDamage(entry: LogEntry | CorruptChunkError): Promise<IndexedChunk | CorruptChunkError> {
    if (entry instanceof CorruptChunkError) return entry;
    try {
      const payload = await this.#reader.payloadOf(entry);
      const { keys, events } = storedOf(entry, payload);
      const isAsPayload = entry.events === events.length && JSON.stringify(entry.spans) === JSON.stringify(daySpansOf(events));
      if (!isAsPayload || keys.length !== events.length) return new CorruptChunkError(entry.seq, "has a damaged entry");
      return { seq: entry.seq, stored: keys, refused: payload.refused, spans: entry.spans };
    } catch (error) {
      if (error instanceof CorruptChunkError) return error;
      throw error;
    }
  }

  async #isStoredIn(seq: number, key: KeyText): Promise<boolean> {
    const [entry] = await this.#reader.entriesBetween(seq, seq);
    if (entry === undefined || entry instanceof CorruptChunkError) return false;
    const chunk = await this.#chunkOrDamage(entry);
    return !(chunk instanceof CorruptChunkError) && chunk.stored.includes(key);
  }
}

function storedOf({ repeated }: LogEntry, { keys, events }: LogPayload): Pick<LogPayload, "keys" | "events"> {
  const repeats = new Set(repeated);
  const isStored = (_: unknown, i: number) => !repeats.has(i);
  return { keys: keys.filter(isStored), events: events.filter(isStored) };
}
