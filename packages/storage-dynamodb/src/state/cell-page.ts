import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { type Tier, tierMs } from "@trinity/aggregation/bucket";
import type { CellKey } from "@trinity/aggregation/cell";
import { highCardinality } from "@trinity/aggregation/dimension";
import { measureOfSet } from "@trinity/aggregation/measure-catalogue";
import { addVector, type Vector } from "@trinity/aggregation/vector";
import { decodeVector, encodeVector } from "@trinity/aggregation/vector-codec";
import { compareUtf8 } from "@trinity/storage/text-order";
import { bucketOfSortable, sortableBucket } from "../client/sort-key.ts";
import type { TableName } from "../tables.ts";
import type { PageCodec, PageRef } from "./page.ts";

/** One shard of the cells of one bucket: encoded vectors by set and value. */
export type CellPage = ReadonlyMap<string, Uint8Array>;

export type CellChange = {
  readonly change: "add" | "set";
  readonly set: string;
  readonly value: string;
  readonly vector: ReadonlyMap<number, number>;
};

/** A dimension set in a block of 1,024 buckets, which share a partition. */
export type CellPartition = { readonly set: string; readonly tier: Tier; readonly block: number };

const bucketsPerPartition = 1_024;
/** DynamoDB removes pages of minutes after five days. Answers read them for two days only. */
const minutePagesKeptMs = 5 * tierMs.day;

export function cellTable(set: string): TableName {
  return measureOfSet(set)?.subject === "system" ? "system" : "rollups";
}

/**
 * @returns the group of sets that share pages. One event changes all sets of a measure, so they share; a set with very many cells has pages of
 * its own, because readers of the others would read too much
 */
function groupOfSet(set: string): string {
  const [measure, dimensions = ""] = set.split("/", 2) as [string, string?];
  const isWide = measureOfSet(set)?.components === "users" || dimensions.split("+").some((dimension) => highCardinality.has(dimension));
  return isWide ? set : `${measure}/*`;
}

/** The key of a cell in its page. */
export function cellId(set: string, value: string): string {
  return `${set}\u0000${value}`;
}

export function partitionOfBucket(set: string, tier: Tier, bucketMs: number): CellPartition {
  return { set, tier, block: Math.floor(bucketMs / tierMs[tier] / bucketsPerPartition) };
}

/** @returns the key of the partition in the directory */
export function cellPartitionKey({ set, tier, block }: CellPartition): string {
  return `${tier}#${block}#${set}`;
}

/** @param key from `cellPartitionKey` */
export function cellPartitionOf(key: string): CellPartition {
  const [tier, block] = key.split("#", 2) as [Tier, string];
  return { tier, block: Number(block), set: key.slice(tier.length + block.length + 2) };
}

/** @returns the partition key of the pages, which may be shared with other sets */
export function cellPagesKey({ set, tier, block }: CellPartition): string {
  return `${tier}#${block}#${groupOfSet(set)}`;
}

export function cellPageRef({ set, tier, bucketMs }: Omit<CellKey, "value">, shard: number): PageRef<CellPage, CellChange> {
  return {
    codec: cellPages,
    tag: "rollups",
    table: cellTable(set),
    pk: cellPagesKey(partitionOfBucket(set, tier, bucketMs)),
    sk: `${bucketSortKey(tier, bucketMs)}#${String(shard).padStart(6, "0")}`,
    ...(tier === "minute" ? { expiresAt: Math.floor((bucketMs + minutePagesKeptMs) / 1_000) } : {}),
  };
}

/** @returns the prefix of the sort keys of a bucket's pages; infinite instants sort before and after all */
export function bucketSortKey(tier: Tier, bucketMs: number): string {
  if (bucketMs === Number.NEGATIVE_INFINITY) return "0";
  return bucketMs === Number.POSITIVE_INFINITY ? "9" : sortableBucket(Math.floor(bucketMs / tierMs[tier]));
}

export function bucketAndShardOf(tier: Tier, sk: string): { readonly bucketMs: number; readonly shard: number } {
  const [bucket, shard] = sk.split("#") as [string, string];
  return { bucketMs: bucketOfSortable(bucket) * tierMs[tier], shard: Number(shard) };
}

export const cellPages: PageCodec<CellPage, CellChange> = {
  empty: new Map(),
  apply(content, changes) {
    const vectors = new Map<string, Vector>();
    for (const { change, set, value, vector } of changes) {
      const id = cellId(set, value);
      const was = vectors.get(id) ?? (change === "set" ? new Map() : decodedAt(content, id));
      if (change === "set") was.clear();
      addVector(was, vector);
      vectors.set(id, was);
    }
    const after = new Map(content);
    for (const [id, vector] of vectors) {
      if (vector.size === 0) after.delete(id);
      else after.set(id, encodeVector(vector));
    }
    return after;
  },
  isEmpty: (content) => content.size === 0,
  encode(content) {
    const inOrder = [...content].sort(([a], [b]) => compareUtf8(a, b));
    const head = Buffer.from(JSON.stringify(inOrder.map(([id, bytes]) => [id, bytes.length])));
    const size = Buffer.alloc(4);
    size.writeUInt32BE(head.length);
    return zstdCompressSync(Buffer.concat([size, head, ...inOrder.map(([, bytes]) => bytes)]));
  },
  decode(bytes) {
    const buffer = zstdDecompressSync(bytes);
    let at = 4 + buffer.readUInt32BE(0);
    const lines = JSON.parse(buffer.toString("utf8", 4, at)) as [id: string, length: number][];
    return new Map(lines.map(([id, length]) => [id, buffer.subarray(at, (at += length))]));
  },
};

function decodedAt(content: CellPage, id: string): Vector {
  const bytes = content.get(id);
  return bytes === undefined ? new Map() : decodeVector(bytes);
}
