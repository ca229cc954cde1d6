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

/** The same for amounts in order of component. */
export function splitAmounts(amounts: readonly number[]): readonly (readonly [shard: number, amounts: readonly number[]])[] {
  if ((amounts.at(-2) ?? 0) < shardSize) return amounts.length === 0 ? [] : [[0, amounts]];
  const shards: [number, number[]][] = [];
  for (let i = 0; i < amounts.length; i += 2) {
    const component = amounts[i] as number;
    const shard = Math.floor(component / shardSize);
    let last = shards.at(-1);
    if (last?.[0] !== shard) shards.push((last = [shard, []]));
    last?.[1].push(component - shard * shardSize, amounts[i + 1] as number);
  }
  return shards;
}

/** Adds a shard that `splitVector` made back to `vector`, in place. */
export function joinShard(vector: Vector, shard: number, shardVector: ReadonlyMap<number, number>): void {
  for (const [component, amount] of shardVector) vector.set(shard * shardSize + component, amount);
}
