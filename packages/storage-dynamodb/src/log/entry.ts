import { crc32 } from "node:zlib";
import type { IngestCount, LogChunk } from "@trinity/aggregation/log-chunk";
import type { StoredEvent } from "@trinity/events/event";
import { CorruptChunkError } from "@trinity/storage/chunk-body";
import type { DaySpan } from "@trinity/storage/day-spans";
import { type BlobFields, blobFieldsOf } from "../client/blob.ts";
import type { Item, ItemKey } from "../client/dynamo.ts";
import { sortable } from "../client/sort-key.ts";

/**
 * What gives a chunk its place in the log. Everything that is told by the order of the log is here; the events lie in the body, which was
 * written before it had a place.
 */
export type LogEntry = {
  readonly seq: number;
  /** Of the process and the writing: how a writer knows its own entry again. */
  readonly writer: string;
  readonly receivedAtMs: number;
  readonly receipts: readonly IngestCount[];
  /** How many events the chunk holds. */
  readonly events: number;
  /** Events of the body that another chunk already held when this one took its place, by their index. */
  readonly repeated: readonly number[];
  readonly spans: readonly DaySpan[];
  readonly body: BlobFields;
};

/** So many entries lie in one partition. */
const entriesAPartition = 4_096;

export function partitionOfSeq(seq: number): string {
  return `entry#${sortable(Math.floor(seq / entriesAPartition))}`;
}

/** @returns the last chunk that can lie in the same partition */
export function lastSeqOfPartition(seq: number): number {
  return (Math.floor(seq / entriesAPartition) + 1) * entriesAPartition - 1;
}

export function entryKey(seq: number): ItemKey {
  return { pk: partitionOfSeq(seq), sk: sortable(seq) };
}

export function itemOfEntry({ seq, body, ...fields }: LogEntry): Item {
  const { writer, receivedAtMs, receipts, events, repeated, spans } = fields;
  const lines = receipts.map(({ source, outcome, reason, count }) => [source, outcome, reason, count]);
  const days = spans.map(({ day, firstMs, lastMs }) => [day, firstMs, lastMs]);
  const item = { ...entryKey(seq), writer, at: receivedAtMs, n: events, told: JSON.stringify([lines, repeated, days]), ...body };
  return { ...item, sum: checksumOf(item) };
}

/** Of everything but the body, which has a checksum of its own. */
function checksumOf({ sk, writer, at, n, told, token, pieces }: Item): number {
  return crc32(JSON.stringify([sk, writer, at, n, told, token, pieces]));
}

type Told = [lines: [string, IngestCount["outcome"], string | null, number][], repeated: number[], days: [number, number, number][]];

/**
 * An entry that was written before entries had a checksum is read as it is.
 * @throws {CorruptChunkError}
 */
export function entryOfItem(item: Item): LogEntry {
  const seq = Number(item.sk);
  if (item.sum !== undefined && item.sum !== checksumOf(item)) throw new CorruptChunkError(seq, "has a damaged entry");
  const [lines, repeated, days] = toldOf(seq, item.told as string);
  return {
    seq,
    writer: item.writer as string,
    receivedAtMs: item.at as number,
    receipts: lines.map(([source, outcome, reason, count]) => ({ source, outcome, reason, count })),
    events: item.n as number,
    repeated,
    spans: days.map(([day, firstMs, lastMs]) => ({ day, firstMs, lastMs })),
    body: blobFieldsOf(item),
  };
}

function toldOf(seq: number, text: string): Told {
  try {
    return JSON.parse(text) as Told;
  } catch (error) {
    throw new CorruptChunkError(seq, "has a damaged entry", { cause: error });
  }
}

/** @param events all of the body */
export function chunkOf({ seq, receivedAtMs, receipts, repeated }: LogEntry, events: readonly StoredEvent[]): LogChunk {
  const left = new Set(repeated);
  return { seq, receivedAtMs, receipts, events: left.size === 0 ? events : events.filter((_, i) => !left.has(i)) };
}
