import fc from "fast-check";
import { expect, test } from "vitest";
import { falseDiscoveryAdjusted } from "./false-discovery.ts";

// Benjamini and Hochberg, JRSS B 57 (1995), section 4.1: fifteen comparisons of a trial of thrombolysis.
const published = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1];

test("of the published comparisons, the first four are significant at 0.05", () => {
  expect(falseDiscoveryAdjusted(published).filter((adjusted) => adjusted <= 0.05)).toHaveLength(4);
});

test("an adjusted p-value is m p / rank, or the value of a later rank if that is smaller", () => {
  expect(falseDiscoveryAdjusted([0.01, 0.04, 0.03]).map((value) => Number(value.toFixed(6)))).toEqual([0.03, 0.04, 0.04]);
});

test("adjusted p-values of at most q are those that the step-up procedure selects, in any order", () => {
  const anyPValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });
  fc.assert(
    fc.property(anyPValues, fc.constantFrom(0.05, 0.1, 0.5), (pValues, q) => {
      const sorted = pValues.toSorted((a, b) => a - b);
      const largestRank = sorted.findLastIndex((pValue, index) => (pValue * pValues.length) / (index + 1) <= q) + 1;
      const limit = sorted[largestRank - 1] ?? -1;
      expect(falseDiscoveryAdjusted(pValues).map((adjusted) => adjusted <= q)).toEqual(pValues.map((pValue) => pValue <= limit));
    }),
    { numRuns: 300 },
  );
});

test("without p-values the result is empty", () => {
  expect(falseDiscoveryAdjusted([])).toEqual([]);
});
