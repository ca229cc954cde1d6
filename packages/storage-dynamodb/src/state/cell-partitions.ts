import type { Tier } from "@trinity/aggregation/bucket";
import type { Dynamo } from "../client/dynamo.ts";
import { type CellPartition, cellPartitionKey, cellPartitionOf, partitionOfBucket } from "./cell-page.ts";
import type { Overlay } from "./mem-table.ts";

const directory = "partitions";

/**
 * Which partitions of cells there are: partition keys have no order of their own, so a range of time is looked up here. The directory is read
 * once; what came later was in steps, and those are in the overlay.
 */
export class CellPartitions {
  readonly #dynamo: Dynamo;
  readonly #overlay: Overlay;
  #written: { readonly generation: number; readonly keys: Set<string> } | null = null;

  constructor(dynamo: Dynamo, overlay: Overlay) {
    this.#dynamo = dynamo;
    this.#overlay = overlay;
  }

  /** Every partition that has pages or changes, in no order. */
  async all(): Promise<readonly CellPartition[]> {
    const written = await this.#directory();
    return [...written.union(new Set(this.#overlay.cellPartitions.keys()))].map(cellPartitionOf);
  }

  /** Those of one dimension set and tier that may hold buckets starting in `[fromMs, toMs)`, oldest first. */
  async inRange(set: string, tier: Tier, fromMs: number, toMs: number): Promise<readonly CellPartition[]> {
    const first = partitionOfBucket(set, tier, fromMs).block;
    const last = partitionOfBucket(set, tier, toMs).block;
    return (await this.all())
      .filter((partition) => partition.set === set && partition.tier === tier && partition.block >= first && partition.block <= last)
      .sort((a, b) => a.block - b.block);
  }

  /** Whether a partition may have pages: one that is not in the directory has only changes. */
  async mayHavePages(partition: CellPartition): Promise<boolean> {
    const key = cellPartitionKey(partition);
    if ((await this.#directory()).has(key)) return true;
    const position = this.#overlay.cellPartitions.get(key);
    return position !== undefined && position <= this.#overlay.floor;
  }

  /** Writes down all that there are: pages of them are about to be written. */
  async write(): Promise<void> {
    const written = await this.#directory();
    const added = [...this.#overlay.cellPartitions.keys()].filter((key) => !written.has(key));
    await this.#dynamo.writeAll(
      "rollups",
      "state",
      added.map((sk) => ({ pk: directory, sk })),
    );
    for (const key of added) written.add(key);
  }

  async #directory(): Promise<Set<string>> {
    const { generation } = this.#overlay;
    if (this.#written?.generation !== generation) {
      const items = await this.#dynamo.query("rollups", "state", directory);
      this.#written = { generation, keys: new Set(items.map(({ sk }) => sk)) };
    }
    return this.#written.keys;
  }
}
