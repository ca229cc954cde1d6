import { crc32 } from "node:zlib";
import type { IngestCount, LogChunk } from "@trinity/aggregation/log-chunk";
import type { StoredEvent } from "@trinity/events/event";
import { CorruptChunkError } from "@trinity/storage/chunk-body";
import type { DaySpan } from "@trinity/storage/day-spans";
import { type BlobFields, blobFieldsOf } from "../client/blob.ts";
import type { Item, ItemKey } from "../client/dynamo.ts";
import { sortable } from "../client/sort-key.ts";

/**
 * The entry that gives a chunk its slot in the log. It contains what depends on the slot, such as which events are repeats. The events are in the
 * payload, which was written before the slot was known.
 */
export type LogEntry = {
  readonly seq: number;
  /** Unique for every append, so that a writer recognises its own entry. */
  readonly writer: string;
  readonly receivedAtMs: number;
  readonly receipts: readonly IngestCount[];
  /** How many events the chunk has, without repeats. */
  readonly events: number;
  /** Indexes of events in the payload that an earlier chunk already had. */
  readonly repeated: readonly number[];
  readonly spans: readonly DaySpan[];
  readonly payload: BlobFields;
};

const entriesPerPartition = 4_096;

export function partitionOfSeq(seq: number): string {
  return `entry#${sortable(Math.floor(seq / entriesPerPartition))}`;
}

/** @returns the last slot in the same partition */
export function lastSeqOfPartition(seq: number): number {
  return (Math.floor(seq / entriesPerPartition) + 1) * entriesPerPartition - 1;
}

export function entryKey(seq: number): ItemKey {
  return { pk: partitionOfSeq(seq), sk: sortable(seq) };
}

export function itemOfEntry({ seq, payload, ...fields }: LogEntry): Item {
  const { writer, receivedAtMs, receipts, events, repeated, spans } = fields;
  const lines = receipts.map(({ source, outcome, reason, count }) => [source, outcome, reason, count]);
  const days = spans.map(({ day, firstMs, lastMs }) => [day, firstMs, lastMs]);
  const item = { ...entryKey(seq), writer, at: receivedAtMs, n: events, told: JSON.stringify([lines, repeated, days]), ...payload };
  return { ...item, sum: checksumOf(item) };
}

/** Covers everything but an inline payload, which has a checksum of its own. */
function checksumOf({ sk, writer, at, n, told, token, pieces }: Item): number {
  return crc32(JSON.stringify([sk, writer, at, n, told, token, pieces]));
}

/** The JSON in the attribute `told`. */
type StoredFields = [
  lines: [string, IngestCount["outcome"], string | null, number][],
  repeated: number[],
  days: [number, number, number][],
];

/**
 * Entries of older releases have no checksum.
 * @throws {CorruptChunkError}
 */
export function entryOfItem(item: Item): LogEntry {
  const seq = Number(item.sk);
  if (item.sum !== undefined && item.sum !== checksumOf(item)) throw new CorruptChunkError(seq, "has a damaged entry");
  const [lines, repeated, days] = storedFieldsOf(seq, item.told as string);
  return {
    seq,
    writer: item.writer as string,
    receivedAtMs: item.at as number,
    receipts: lines.map(([source, outcome, reason, count]) => ({ source, outcome, reason, count })),
    events: item.n as number,
    repeated,
    spans: days.map(([day, firstMs, lastMs]) => ({ day, firstMs, lastMs })),
    payload: blobFieldsOf(item),
  };
}

function storedFieldsOf(seq: number, text: string): StoredFields {
  try {
    return JSON.parse(text) as StoredFields;
  } catch (error) {
    throw new CorruptChunkError(seq, "has a damaged entry", { cause: error });
  }
}

/** @param events all events of the payload */
export function chunkOf({ seq, receivedAtMs, receipts, repeated }: LogEntry, events: readonly StoredEvent[]): LogChunk {
  const repeats = new Set(repeated);
  return { seq, receivedAtMs, receipts, events: repeats.size === 0 ? events : events.filter((_, i) => !repeats.has(i)) };
}
