import fc from "fast-check";
import { expect, test } from "vitest";
import { isInAny, joinTimeRanges, overlapsAny, type TimeRange } from "./time-range.ts";

const instants = Array.from({ length: 20 }, (_, i) => i);
const anyInstant = fc.constantFrom(...instants);
const anyRanges: fc.Arbitrary<readonly TimeRange[]> = fc.array(fc.record({ fromMs: anyInstant, toMs: anyInstant }), { maxLength: 6 });

const contains = (ranges: readonly TimeRange[], atMs: number) => ranges.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);

test("joined ranges have the same instants, in order, with an instant of none between two of them", () => {
  fc.assert(
    fc.property(anyRanges, (ranges) => {
      const joined = joinTimeRanges(ranges);
      for (const atMs of instants) expect(isInAny(joined, atMs)).toBe(contains(ranges, atMs));
      const ends = joined.flatMap(({ fromMs, toMs }) => [fromMs, toMs]);
      expect(ends).toEqual([...new Set(ends)].sort((a, b) => a - b));
    }),
    { numRuns: 1_000 },
  );
});

test("a span overlaps ranges that have any of its instants, the last one included", () => {
  fc.assert(
    fc.property(anyRanges.map(joinTimeRanges), anyInstant, fc.nat(5), (ranges, firstMs, lengthMs) => {
      const span = Array.from({ length: lengthMs + 1 }, (_, i) => firstMs + i);
      expect(overlapsAny(ranges, firstMs, firstMs + lengthMs)).toBe(span.some((atMs) => contains(ranges, atMs)));
    }),
    { numRuns: 1_000 },
  );
});
