import fc from "fast-check";
import { expect, test } from "vitest";
import { UserSet } from "./user-set.ts";
import { encodeVector } from "./vector-codec.ts";

const anyNumbers = fc.array(fc.oneof(fc.nat(100), fc.nat(30_000)), { maxLength: 60 });
const ascending = (numbers: Iterable<number>) => [...new Set(numbers)].sort((a, b) => a - b);

test("a set of users is what a set of numbers is", () => {
  fc.assert(
    fc.property(anyNumbers, anyNumbers, (left, right) => {
      const [a, b] = [UserSet.of(left), UserSet.of(right)];
      const has = new Set(right);
      expect([...UserSet.union([a, b])]).toEqual(ascending([...left, ...right]));
      expect([...a.intersect(b)]).toEqual(ascending(left.filter((number) => has.has(number))));
      expect([...a.without(b)]).toEqual(ascending(left.filter((number) => !has.has(number))));
      expect([a.size, a.isEmpty, a.without(a).isEmpty]).toEqual([new Set(left).size, left.length === 0, true]);
      expect(right.every((number) => b.has(number))).toBe(true);
    }),
  );
});

test("what is added to a set is never seen in the sets it was made of, or that were made of it", () => {
  fc.assert(
    fc.property(anyNumbers, anyNumbers, anyNumbers, (left, right, later) => {
      const part = UserSet.of(left);
      const whole = UserSet.union([part, UserSet.of(right)]);
      const copy = UserSet.union([part]);
      for (const number of later) whole.add(number);
      part.addAll(UserSet.of(right));
      expect([...copy]).toEqual(ascending(left));
      expect([...whole]).toEqual(ascending([...left, ...right, ...later]));
      expect([...part]).toEqual(ascending([...left, ...right]));
    }),
  );
});

test("a shard of a stored vector adds its components, where the shard lies", () => {
  const set = UserSet.of([8_193]);
  set.addShard(
    1,
    encodeVector(
      new Map([
        [0, 7],
        [8_191, 1],
      ]),
    ),
  );
  expect([...set]).toEqual([8_192, 8_193, 16_383]);
});
