import type { Tier } from "@trinity/aggregation/bucket";
import type { CellRange } from "@trinity/storage/event-store";
import fc from "fast-check";
import { expect, test } from "vitest";
import { JoinedCells, joinRanges } from "./joined-ranges.ts";

const anyRange: fc.Arbitrary<CellRange> = fc
  .record({
    set: fc.constantFrom("vote", "event"),
    tier: fc.constantFrom<Tier>("day", "hour"),
    fromMs: fc.nat(30),
    length: fc.integer({ min: 1, max: 10 }),
    values: fc.constantFrom(undefined, ["a"]),
    componentsBelow: fc.constantFrom(undefined, 1, 5),
    isAddedUp: fc.boolean(),
  })
  .map(({ length, values, componentsBelow, isAddedUp, ...range }) => ({
    ...range,
    toMs: range.fromMs + length,
    ...(values === undefined ? {} : { values }),
    ...(componentsBelow === undefined ? {} : { componentsBelow }),
    ...(isAddedUp ? { isAddedUp } : {}),
  }));

/** A cell of each value in every millisecond, named after what it was read for; one of each value where they are added up. */
function read({ set, tier, values = ["a", "b"], fromMs, toMs, componentsBelow = Number.POSITIVE_INFINITY, isAddedUp }: CellRange) {
  const of = [set, tier].join();
  if (isAddedUp === true) return values.map((value) => ({ bucketMs: fromMs, value, of: `${of} to ${toMs}`, componentsBelow }));
  const starts = Array.from({ length: toMs - fromMs }, (_, i) => fromMs + i);
  return starts.flatMap((bucketMs) => values.map((value) => ({ bucketMs, value, of, componentsBelow })));
}

test("every range has the cells that reading it alone would have brought, with all their components, and none twice", () => {
  fc.assert(
    fc.property(fc.array(anyRange), (ranges) => {
      const joined = joinRanges(ranges);
      const cells = new JoinedCells(joined, joined.map(read));
      for (const range of ranges) {
        const [found, alone] = [cells.of(range), read(range)];
        const placeOf = ({ bucketMs, value, of }: (typeof alone)[number]) => [bucketMs, value, of];
        expect(found.map(placeOf)).toEqual(alone.map(placeOf));
        for (const { componentsBelow } of found)
          expect(componentsBelow).toBeGreaterThanOrEqual(range.componentsBelow ?? Number.POSITIVE_INFINITY);
      }
      const all = joined.flatMap((one) =>
        read(one).map(({ componentsBelow, ...cell }) => JSON.stringify([cell, `${componentsBelow}`, one.values])),
      );
      expect(new Set(all).size).toBe(all.length);
    }),
  );
});

const days = { set: "vote", tier: "day", fromMs: 0, toMs: 2 } as const;

test("a range is read with one that has all its cells and more components", () => {
  expect(joinRanges([{ ...days, componentsBelow: 3 }, days])).toEqual([days]);
});

test("some values are read with all of them", () => {
  expect(
    joinRanges([
      { ...days, values: ["a"], componentsBelow: 1 },
      { ...days, toMs: 9 },
    ]),
  ).toEqual([{ ...days, toMs: 9 }]);
});

test("a longer range of fewer components is read by itself: it would take the many components of all its cells", () => {
  expect(joinRanges([{ ...days, toMs: 9, componentsBelow: 3 }, days])).toHaveLength(2);
});
