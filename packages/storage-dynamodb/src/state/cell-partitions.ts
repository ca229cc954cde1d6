import type { Tier } from "@trinity/aggregation/bucket";
import type { Dynamo } from "../client/dynamo.ts";
import { type CellPartition, cellPartitionKey, cellPartitionOf, partitionOfBucket } from "./cell-page.ts";
import type { MemTable } from "./mem-table.ts";

const directory = "partitions";

/**
 * The directory of cell partitions. DynamoDB has no order over partition keys, so a time range is looked up here. The stored directory is read
 * once; later partitions are in the mem table.
 */
export class CellPartitions {
  readonly #dynamo: Dynamo;
  readonly #memTable: MemTable;
  #written: { readonly generation: number; readonly keys: Set<string> } | null = null;

  constructor(dynamo: Dynamo, memTable: MemTable) {
    this.#dynamo = dynamo;
    this.#memTable = memTable;
  }

  /** Every partition with pages or changes, in no order. */
  async all(): Promise<readonly CellPartition[]> {
    const written = await this.#directory();
    return [...written.union(new Set(this.#memTable.cellPartitions.keys()))].map(cellPartitionOf);
  }

  /** Those of one dimension set and tier that may have buckets starting in `[fromMs, toMs)`, oldest first. */
  async inRange(set: string, tier: Tier, fromMs: number, toMs: number): Promise<readonly CellPartition[]> {
    const first = partitionOfBucket(set, tier, fromMs).block;
    const last = partitionOfBucket(set, tier, toMs).block;
    return (await this.all())
      .filter((partition) => partition.set === set && partition.tier === tier && partition.block >= first && partition.block <= last)
      .sort((a, b) => a.block - b.block);
  }

  /** Whether a partition may have pages. One outside the directory has only changes in the mem table. */
  async mayHavePages(partition: CellPartition): Promise<boolean> {
    const key = cellPartitionKey(partition);
    if ((await this.#directory()).has(key)) return true;
    const sequence = this.#memTable.cellPartitions.get(key);
    return sequence !== undefined && sequence <= this.#memTable.compactedThrough;
  }

  /** Adds all known partitions to the stored directory. Must run before their pages are written. */
  async write(): Promise<void> {
    const written = await this.#directory();
    const added = [...this.#memTable.cellPartitions.keys()].filter((key) => !written.has(key));
    await this.#dynamo.writeAll(
      "rollups",
      "state",
      added.map((sk) => ({ pk: directory, sk })),
    );
    for (const key of added) written.add(key);
  }

  async #directory(): Promise<Set<string>> {
    const { generation } = this.#memTable;
    if (this.#written?.generation !== generation) {
      const items = await this.#dynamo.query("rollups", "state", directory);
      this.#written = { generation, keys: new Set(items.map(({ sk }) => sk)) };
    }
    return this.#written.keys;
  }
}
