import fc from "fast-check";
import { expect, test } from "vitest";
import { slidingUnions } from "./sliding-unions.ts";
import { UserSet } from "./user-set.ts";

/** Numbers beside the edges of words and blocks, and far away. */
const anyNumber = fc.oneof(
  fc.nat(70),
  fc.integer({ min: 8180, max: 8200 }),
  fc.constantFrom(31, 32, 8191, 8192, 9_999_999),
  fc.nat(200_000),
);
const anyNumbers = fc.uniqueArray(anyNumber, { maxLength: 60 });
const sorted = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b);

test("a set of users is the set of their numbers: its size, its members in order, what it shares and what it has alone", () => {
  fc.assert(
    fc.property(anyNumbers, anyNumbers, (some, others) => {
      const [a, b] = [UserSet.of(some), UserSet.of(others)];
      expect(a.size).toBe(some.length);
      expect([...a]).toEqual(sorted(some));
      expect([...a.intersect(b)]).toEqual(sorted(some.filter((number) => others.includes(number))));
      expect([...a.without(b)]).toEqual(sorted(some.filter((number) => !others.includes(number))));
      expect([...UserSet.union([a, b])]).toEqual(sorted(new Set([...some, ...others])));
      for (const number of others) expect(a.has(number)).toBe(some.includes(number));
    }),
    { numRuns: 300 },
  );
});

test("what is made of sets leaves them as they were, and does not change with them", () => {
  fc.assert(
    fc.property(anyNumbers, anyNumbers, anyNumber, (some, others, more) => {
      const [a, b] = [UserSet.of(some), UserSet.of(others)];
      const made = [a.intersect(b), a.without(b), UserSet.union([a, b])];
      const before = made.map((set) => [...set]);
      a.add(more);
      b.addAll(UserSet.of([more + 1]));
      expect(made.map((set) => [...set])).toEqual(before);
      expect([...a]).toEqual(sorted(new Set([...some, more])));
    }),
  );
});

const anyWindows = fc.record({
  sets: fc.array(fc.option(anyNumbers, { nil: undefined, freq: 4 }), { minLength: 1, maxLength: 12 }),
  steps: fc.array(fc.record({ from: fc.nat(3), length: fc.nat(5) }), { maxLength: 12 }),
});

test("the union over a window that slides is the union of the sets in it, whether windows overlap, touch, leave gaps or are empty", () => {
  fc.assert(
    fc.property(anyWindows, ({ sets, steps }) => {
      let [from, to] = [0, 0];
      const ranges = steps.map((step) => {
        from += step.from;
        to = Math.max(to, from, Math.min(sets.length, from + step.length));
        return [from, to] as const;
      });
      const unions = slidingUnions((i) => (sets[i] === undefined ? undefined : UserSet.of(sets[i])), ranges);
      const expected = ranges.map(([first, end]) => sorted(new Set(sets.slice(first, end).flatMap((set) => set ?? []))));
      expect(unions.map((union) => [...union])).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
