import fc from "fast-check";
import { expect, test } from "vitest";
import { joinShard, shardSize, splitAmounts, splitVector } from "./vector-shards.ts";

const anyVector = fc
  .array(
    fc.tuple(
      fc.nat({ max: 2 ** 33 }),
      fc.integer().filter((amount) => amount !== 0),
    ),
    { maxLength: 50 },
  )
  .map((entries) => new Map(entries));

test("the shards of a vector join to the vector, and none exceeds its size", () => {
  fc.assert(
    fc.property(anyVector, (vector) => {
      const joined = new Map<number, number>();
      for (const [shard, shardVector] of splitVector(vector)) {
        for (const component of shardVector.keys()) expect(component).toBeLessThan(shardSize);
        joinShard(joined, shard, shardVector);
      }
      expect(joined).toEqual(vector);
    }),
  );
});

test("amounts in order of component are split as their vector is", () => {
  fc.assert(
    fc.property(anyVector, (vector) => {
      const amounts = [...vector].sort(([a], [b]) => a - b).flat();
      const shards = [...splitVector(vector)].map(([shard, part]) => [shard, [...part].sort(([a], [b]) => a - b).flat()] as const);
      expect(splitAmounts(amounts)).toEqual(shards.sort(([a], [b]) => a - b));
    }),
  );
  expect(splitAmounts([shardSize, 1])).toEqual([[1, [0, 1]]]);
});

test("a change of one user changes one shard of a large set", () => {
  const everyone = new Map(Array.from({ length: 3 * shardSize }, (_, user) => [user, 1]));
  expect(splitVector(everyone).size).toBe(3);
  expect([...splitVector(new Map([[shardSize, 1]]))]).toEqual([[1, new Map([[0, 1]])]]);
});
