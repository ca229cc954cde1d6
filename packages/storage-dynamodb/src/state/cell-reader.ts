import { type Tier, tierMs } from "@trinity/aggregation/bucket";
import type { AmountCell, Cell, CellKey, UserCell } from "@trinity/aggregation/cell";
import { UserSet } from "@trinity/aggregation/user-set";
import type { CellAmounts, Vector } from "@trinity/aggregation/vector";
import { decodeAmounts, decodeVector, joinAmounts } from "@trinity/aggregation/vector-codec";
import { mapConcurrently } from "@trinity/runtime/limiter";
import { compareCellKeys, compareTables } from "@trinity/storage/cell-order";
import type { CellRange } from "@trinity/storage/event-store";
import { compareUtf8 } from "@trinity/storage/text-order";
import { joinShard, shardSize } from "@trinity/storage/vector-shards";
import type { BucketKey } from "@trinity/storage/verification-store";
import type { Dynamo } from "../client/dynamo.ts";
import {
  bucketAndShardOf,
  bucketSortKey,
  type CellPage,
  type CellPartition,
  cellId,
  cellPageRef,
  cellPagesKey,
  cellTable,
} from "./cell-page.ts";
import type { CellPartitions } from "./cell-partitions.ts";
import type { Manifest } from "./manifest.ts";
import type { MemTable } from "./mem-table.ts";
import { mergePartitions } from "./merge-partitions.ts";
import type { OnDamage, PageStore } from "./page-store.ts";
import { readAhead } from "./read-ahead.ts";

/** The shards of one bucket, in order. */
type Bucket = { readonly bucketMs: number; readonly shards: readonly { readonly shard: number; readonly content: CellPage }[] };
type TableOfCells = Pick<CellKey, "set" | "tier">;

const partitionsAtOnce = 8;

/** Reads cells from pages. Minutes before the watermark's are hidden, although pages may still contain them. */
export class CellReader {
  readonly #dynamo: Dynamo;
  readonly #pages: PageStore;
  readonly #memTable: MemTable;
  readonly #partitions: CellPartitions;

  constructor(dynamo: Dynamo, pages: PageStore, memTable: MemTable, partitions: CellPartitions) {
    this.#dynamo = dynamo;
    this.#pages = pages;
    this.#memTable = memTable;
    this.#partitions = partitions;
  }

  async inRange(range: CellRange, at: Manifest): Promise<readonly AmountCell[]> {
    const { set, tier, componentsBelow = Number.POSITIVE_INFINITY } = range;
    const cells: AmountCell[] = [];
    for (const { bucketMs, shards } of await this.#bucketsIn(range, at)) {
      for (const value of valuesOf(shards, set, range.values)) {
        const amounts = amountsOf(shards, cellId(set, value), componentsBelow);
        if (amounts.length > 0) cells.push({ set, tier, bucketMs, value, amounts });
      }
    }
    return cells;
  }

  async usersInRange(range: CellRange, at: Manifest): Promise<readonly UserCell[]> {
    const { set, tier } = range;
    const cells: UserCell[] = [];
    for (const { bucketMs, shards } of await this.#bucketsIn(range, at)) {
      for (const value of valuesOf(shards, set, range.values)) {
        const users = new UserSet();
        for (const { shard, content } of shards) {
          const bytes = content.get(cellId(set, value));
          if (bytes !== undefined) users.addShard(shard, bytes);
        }
        cells.push({ set, tier, bucketMs, value, users });
      }
    }
    return cells;
  }

  /** Cells after one, in order; all cells for null. Damaged pages are treated as empty. */
  async *cellsAfter(after: CellKey | null, at: Manifest): AsyncGenerator<Cell> {
    const partitions = [...(await this.#partitions.all())].sort((a, b) => compareTables(a, b) || a.block - b.block);
    const wanted = partitions.filter((partition) => after === null || compareTables(partition, after) >= 0);
    const read = (partition: CellPartition) => {
      const isFirst = after !== null && compareTables(partition, after) === 0;
      return this.#buckets(partition, isFirst ? after.bucketMs : Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, at, "treat as empty");
    };
    for await (const { from: partition, value: bucket } of readAhead(wanted, read, partitionsAtOnce)) {
      const { set, tier } = partition;
      for (const value of valuesOf(bucket.shards, set)) {
        const key = { set, tier, bucketMs: bucket.bucketMs, value };
        if (after === null || compareCellKeys(key, after) > 0) yield { ...key, vector: vectorOf(bucket.shards, cellId(set, value)) };
      }
    }
  }

  /** @returns the shards of a bucket with their pages, which may contain other sets as well */
  async shardsOf({ set, tier, bucketMs }: BucketKey, at: Manifest, onDamage: OnDamage): Promise<Bucket["shards"]> {
    const [partition] = await this.#partitions.inRange(set, tier, bucketMs, bucketMs);
    if (partition === undefined) return [];
    for await (const bucket of this.#buckets(partition, bucketMs, bucketMs + tierMs[tier], at, onDamage)) return bucket.shards;
    return [];
  }

  async #bucketsIn({ set, tier, fromMs, toMs }: CellRange, at: Manifest): Promise<readonly Bucket[]> {
    const partitions = await this.#partitions.inRange(set, tier, fromMs, toMs);
    const buckets = await mapConcurrently(partitions, partitionsAtOnce, (partition) =>
      Array.fromAsync(this.#buckets(partition, fromMs, toMs, at, "fail")),
    );
    return buckets.flat();
  }

  /** Buckets of a partition that start in `[fromMs, toMs)`, oldest first. */
  async *#buckets(
    { set, tier, block }: CellPartition,
    fromMs: number,
    toMs: number,
    at: Manifest,
    onDamage: OnDamage,
  ): AsyncGenerator<Bucket> {
    const settings = { dynamo: this.#dynamo, pages: this.#pages, memTable: this.#memTable, at, onDamage };
    const pk = cellPagesKey({ set, tier, block });
    const startMs = Math.max(fromMs, tier === "minute" ? at.watermark.minutesFromMs : Number.NEGATIVE_INFINITY);
    // DynamoDB refuses a range that ends before it begins, as that of minutes does which are all dropped.
    if (!(startMs < toMs)) return;
    const refOf = (sk: string) => (sk === "=" ? cellPageRef({ set, tier, bucketMs: 0 }, 0) : refOfSortKey({ set, tier }, sk));
    const [from, to] = [bucketSortKey(tier, ceilBucket(tier, startMs)), bucketSortKey(tier, ceilBucket(tier, toMs))];
    let open: { bucketMs: number; shards: { shard: number; content: CellPage }[] } | undefined;
    const pages = mergePartitions(settings, cellTable(set), [pk], from, refOf, {
      to,
      hasItems: await this.#partitions.mayHavePages({ set, tier, block }),
    });
    for await (const { sk, content } of pages) {
      const { bucketMs, shard } = bucketAndShardOf(tier, sk);
      if (content.size === 0) continue;
      if (open?.bucketMs !== bucketMs) {
        if (open !== undefined) yield open;
        open = { bucketMs, shards: [] };
      }
      open.shards.push({ shard, content });
    }
    if (open !== undefined) yield open;
  }
}

function refOfSortKey({ set, tier }: TableOfCells, sk: string) {
  const { bucketMs, shard } = bucketAndShardOf(tier, sk);
  return cellPageRef({ set, tier, bucketMs }, shard);
}

/** @returns the start of the first bucket that does not start before the instant */
function ceilBucket(tier: Tier, atMs: number): number {
  return Number.isFinite(atMs) ? Math.ceil(atMs / tierMs[tier]) * tierMs[tier] : atMs;
}

function valuesOf(shards: Bucket["shards"], set: string, wanted?: readonly string[]): readonly string[] {
  if (wanted !== undefined) {
    const isThere = (value: string) => shards.some(({ content }) => content.has(cellId(set, value)));
    return [...new Set(wanted)].filter(isThere).sort(compareUtf8);
  }
  const start = cellId(set, "");
  const values = new Set<string>();
  for (const { content } of shards) for (const id of content.keys()) if (id.startsWith(start)) values.add(id.slice(start.length));
  return [...values].sort(compareUtf8);
}

function amountsOf(shards: Bucket["shards"], id: string, below: number): CellAmounts {
  const parts = shards.flatMap(({ shard, content }) => {
    const bytes = content.get(id);
    const start = shard * shardSize;
    if (bytes === undefined || start >= below) return [];
    const amounts = decodeAmounts(bytes, below - start);
    return [start === 0 ? amounts : amounts.map((amount, i) => (i % 2 === 0 ? amount + start : amount))];
  });
  return joinAmounts(parts);
}

function vectorOf(shards: Bucket["shards"], id: string): Vector {
  const vector: Vector = new Map();
  for (const { shard, content } of shards) {
    const bytes = content.get(id);
    if (bytes !== undefined) joinShard(vector, shard, decodeVector(bytes));
  }
  return vector;
}
