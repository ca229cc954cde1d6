import type { Tier } from "@trinity/aggregation/bucket";
import type { CellRange } from "@trinity/storage/event-store";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cellsOfRange, joinRanges } from "./joined-ranges.ts";

const anyRange: fc.Arbitrary<CellRange> = fc
  .record({
    set: fc.constantFrom("vote", "event"),
    tier: fc.constantFrom<Tier>("day", "hour"),
    fromMs: fc.nat(30),
    length: fc.integer({ min: 1, max: 10 }),
    values: fc.constantFrom(undefined, ["a"]),
    isAddedUp: fc.boolean(),
  })
  .map(({ length, values, isAddedUp, ...range }) => ({
    ...range,
    toMs: range.fromMs + length,
    ...(values === undefined ? {} : { values }),
    ...(isAddedUp ? { isAddedUp } : {}),
  }));

/** A bucket of one millisecond in every place, named after what it was read for; one bucket where they are added up. */
function read({ set, tier, values = [], fromMs, toMs, isAddedUp }: CellRange) {
  const of = [set, tier, ...values].join();
  if (isAddedUp === true) return [{ bucketMs: fromMs, of: `${of} to ${toMs}` }];
  return Array.from({ length: toMs - fromMs }, (_, i) => ({ bucketMs: fromMs + i, of }));
}

test("every range has the cells that reading it alone would have brought, and no cell is read twice", () => {
  fc.assert(
    fc.property(fc.array(anyRange), (ranges) => {
      const joined = joinRanges(ranges);
      const cells = joined.map(read);
      for (const range of ranges) expect(cellsOfRange(range, joined, cells)).toEqual(read(range));
      const all = cells.flat().map(({ bucketMs, of }) => `${of} ${bucketMs}`);
      expect(new Set(all).size).toBe(all.length);
    }),
  );
});

test("ranges that want other components are kept apart", () => {
  const range = { set: "vote", tier: "day", fromMs: 0, toMs: 2 } as const;
  expect(joinRanges([range, { ...range, componentsBelow: 3 }])).toHaveLength(2);
});
