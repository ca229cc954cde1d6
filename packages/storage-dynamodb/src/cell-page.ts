import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { type Tier, tierMs } from "@trinity/aggregation/bucket";
import type { CellKey } from "@trinity/aggregation/cell";
import { addVector, type Vector } from "@trinity/aggregation/vector";
import { decodeVector, encodeVector } from "@trinity/aggregation/vector-codec";
import { compareUtf8 } from "@trinity/storage/text-order";
import type { PageFamily, PageRef } from "./page.ts";
import { bucketOfSortable, sortableBucket } from "./sort-key.ts";
import type { TableName } from "./tables.ts";

/** One shard of all cells of one dimension set in one bucket: encoded vectors by value. */
export type CellPage = ReadonlyMap<string, Uint8Array>;

export type CellChange =
  | { readonly change: "add"; readonly value: string; readonly vector: ReadonlyMap<number, number> }
  | { readonly change: "set"; readonly value: string; readonly vector: ReadonlyMap<number, number> };

/** A stretch of time whose buckets lie in one partition. */
export type CellPartition = { readonly set: string; readonly tier: Tier; readonly block: number };

const bucketsAPartition = 1_024;
/** What no answer reads any more is removed by DynamoDB itself: minutes are kept for two days, and are out of every answer by then. */
const minutePagesKeptMs = 5 * tierMs.day;

/** Measures of the system itself; all others are of people, rooms and titles. */
const systemMeasures: ReadonlySet<string> = new Set(["ingest", "freshness", "request", "resource"]);

export function cellTable(set: string): TableName {
  return systemMeasures.has(set.split("/", 1)[0] as string) ? "system" : "rollups";
}

export function partitionOfBucket(set: string, tier: Tier, bucketMs: number): CellPartition {
  return { set, tier, block: Math.floor(bucketMs / tierMs[tier] / bucketsAPartition) };
}

export function cellPartitionKey({ set, tier, block }: CellPartition): string {
  return `${tier}#${block}#${set}`;
}

export function cellPageRef({ set, tier, bucketMs }: Omit<CellKey, "value">, shard: number): PageRef<CellPage, CellChange> {
  return {
    family: cellPages,
    part: "rollups",
    table: cellTable(set),
    pk: cellPartitionKey(partitionOfBucket(set, tier, bucketMs)),
    sk: `${bucketSortKey(tier, bucketMs)}#${String(shard).padStart(6, "0")}`,
    ...(tier === "minute" ? { expiresAt: Math.floor((bucketMs + minutePagesKeptMs) / 1_000) } : {}),
  };
}

/** @returns what the sort keys of a bucket's pages begin with; infinite instants are before and behind all */
export function bucketSortKey(tier: Tier, bucketMs: number): string {
  if (bucketMs === Number.NEGATIVE_INFINITY) return "0";
  return bucketMs === Number.POSITIVE_INFINITY ? "9" : sortableBucket(Math.floor(bucketMs / tierMs[tier]));
}

export function placeOfSortKey(tier: Tier, sk: string): { readonly bucketMs: number; readonly shard: number } {
  const [bucket, shard] = sk.split("#") as [string, string];
  return { bucketMs: bucketOfSortable(bucket) * tierMs[tier], shard: Number(shard) };
}

export const cellPages: PageFamily<CellPage, CellChange> = {
  empty: new Map(),
  apply(content, changes) {
    const vectors = new Map<string, Vector>();
    for (const { change, value, vector } of changes) {
      const was = vectors.get(value) ?? (change === "set" ? new Map() : decodedAt(content, value));
      if (change === "set") was.clear();
      addVector(was, vector);
      vectors.set(value, was);
    }
    const after = new Map(content);
    for (const [value, vector] of vectors) {
      if (vector.size === 0) after.delete(value);
      else after.set(value, encodeVector(vector));
    }
    return after;
  },
  isEmpty: (content) => content.size === 0,
  encode(content) {
    const inOrder = [...content].sort(([a], [b]) => compareUtf8(a, b));
    const head = Buffer.from(JSON.stringify(inOrder.map(([value, bytes]) => [value, bytes.length])));
    const size = Buffer.alloc(4);
    size.writeUInt32BE(head.length);
    return zstdCompressSync(Buffer.concat([size, head, ...inOrder.map(([, bytes]) => bytes)]));
  },
  decode(bytes) {
    const buffer = zstdDecompressSync(bytes);
    let at = 4 + buffer.readUInt32BE(0);
    const lines = JSON.parse(buffer.toString("utf8", 4, at)) as [value: string, length: number][];
    return new Map(lines.map(([value, length]) => [value, buffer.subarray(at, (at += length))]));
  },
};

function decodedAt(content: CellPage, value: string): Vector {
  const bytes = content.get(value);
  return bytes === undefined ? new Map() : decodeVector(bytes);
}
