import { blockSize } from "@trinity/aggregation/user-set";
import type { Vector } from "@trinity/aggregation/vector";

/** How many components lie in one shard: as many as in a block of a set of users, so that a shard is read into one block. */
export const shardSize = blockSize;

/**
 * Cuts a vector into shards that are stored apart, so that one more user in a set of a million rewrites one shard and not the set.
 * @returns shard -> its part; within a part, components count from the start of the shard
 */
export function splitVector(vector: ReadonlyMap<number, number>): ReadonlyMap<number, Vector> {
  const parts = new Map<number, Vector>();
  for (const [component, amount] of vector) {
    const shard = Math.floor(component / shardSize);
    let part = parts.get(shard);
    if (part === undefined) parts.set(shard, (part = new Map()));
    part.set(component - shard * shardSize, amount);
  }
  return parts;
}

/** Puts a part that `splitVector` made back into `vector`, in place. */
export function joinShard(vector: Vector, shard: number, part: ReadonlyMap<number, number>): void {
  for (const [component, amount] of part) vector.set(shard * shardSize + component, amount);
}
