import { blockSize } from "@trinity/aggregation/user-set";
import type { Vector } from "@trinity/aggregation/vector";

/** Components per shard: equal to a block of a user set, so that a shard decodes into one block. */
export const shardSize = blockSize;

/**
 * Splits a vector into shards that are stored separately, so that one more user in a set of a million rewrites one shard.
 * @returns shard -> its vector; components count from the start of the shard
 */
export function splitVector(vector: ReadonlyMap<number, number>): ReadonlyMap<number, Vector> {
  const vectors = new Map<number, Vector>();
  for (const [component, amount] of vector) {
    const shard = Math.floor(component / shardSize);
    let shardVector = vectors.get(shard);
    if (shardVector === undefined) vectors.set(shard, (shardVector = new Map()));
    shardVector.set(component - shard * shardSize, amount);
  }
  return vectors;
}

/** Adds a shard that `splitVector` made back to `vector`, in place. */
export function joinShard(vector: Vector, shard: number, shardVector: ReadonlyMap<number, number>): void {
  for (const [component, amount] of shardVector) vector.set(shard * shardSize + component, amount);
}
