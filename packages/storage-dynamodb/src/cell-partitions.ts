import type { Tier } from "@trinity/aggregation/bucket";
import { type CellPartition, partitionOfBucket } from "./cell-page.ts";
import type { Dynamo } from "./dynamo.ts";
import type { Overlay } from "./overlay.ts";
import type { PageRef } from "./page.ts";

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
    return [...written.union(this.#overlay.cellPartitions)].map(partitionOfKey);
  }

  /** Those of one dimension set and tier that may hold buckets starting in `[fromMs, toMs)`, oldest first. */
  async inRange(set: string, tier: Tier, fromMs: number, toMs: number): Promise<readonly CellPartition[]> {
    const first = partitionOfBucket(set, tier, fromMs).block;
    const last = partitionOfBucket(set, tier, toMs).block;
    return (await this.all())
      .filter((partition) => partition.set === set && partition.tier === tier && partition.block >= first && partition.block <= last)
      .sort((a, b) => a.block - b.block);
  }

  /** Writes down the partitions of pages that are about to be written. */
  async addOf(pages: readonly PageRef[]): Promise<void> {
    const written = await this.#directory();
    const added = [...new Set(pages.filter(({ part }) => part === "rollups").map(({ pk }) => pk)).difference(written)];
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

/** @param key as `cellPartitionKey` made it */
function partitionOfKey(key: string): CellPartition {
  const [tier, block] = key.split("#", 2) as [Tier, string];
  return { tier, block: Number(block), set: key.slice(tier.length + block.length + 2) };
}
