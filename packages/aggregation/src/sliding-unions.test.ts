import fc from "fast-check";
import { expect, test } from "vitest";
import { slidingUnions } from "./sliding-unions.ts";
import { UserSet } from "./user-set.ts";

/** Ranges of which the ends do not go back and the beginnings rarely do. */
const anyRanges = fc.array(fc.tuple(fc.integer({ min: -4, max: 9 }), fc.nat(4)), { maxLength: 30 }).map((steps) => {
  let [from, to] = [0, 0];
  return steps.map(([begin, length]) => {
    from = Math.max(0, from + (begin > 0 ? Math.floor(begin / 2) : begin));
    to = Math.max(to, from + length);
    return [from, to] as const;
  });
});

test("each range is answered with the users of its indexes, however ranges slide, jump and repeat", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(40), { maxLength: 5 }), { maxLength: 60 }), anyRanges, (numbers, ranges) => {
      const sets = numbers.map((some) => (some.length === 0 ? undefined : UserSet.of(some)));
      const unions = slidingUnions((i) => sets[i], ranges);
      for (const [i, [from, to]] of ranges.entries())
        expect([...(unions[i] as UserSet)]).toEqual([...UserSet.of(numbers.slice(from, to).flat())]);
      for (const [i, set] of sets.entries()) expect([...(set ?? [])]).toEqual([...UserSet.of(numbers[i] ?? [])]);
    }),
    { numRuns: 500 },
  );
});
