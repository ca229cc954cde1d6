import fc from "fast-check";
import { expect, test } from "vitest";
import { proportionDifference } from "./two-proportions.ts";

// R. G. Newcombe, Statistics in Medicine 17 (1998), p. 873, table II, method 10.
test.each([
  [56, 70, 48, 80, 0.2, 0.0524, 0.3339],
  [9, 10, 3, 10, 0.6, 0.1705, 0.809],
  [6, 7, 2, 7, 0.5714, 0.0582, 0.8062],
  [5, 56, 0, 29, 0.0893, -0.0381, 0.1926],
  [0, 10, 0, 20, 0, -0.1611, 0.2775],
  [0, 10, 0, 10, 0, -0.2775, 0.2775],
  [10, 10, 0, 20, 1, 0.6791, 1],
  [10, 10, 0, 10, 1, 0.6075, 1],
])("%i/%i minus %i/%i is as published: %f, from %f to %f", (a, m, b, n, difference, low, high) => {
  const found = proportionDifference({ successes: a, trials: m }, { successes: b, trials: n });
  expect([found?.difference, found?.low, found?.high].map((value) => Number(value?.toFixed(4)))).toEqual([difference, low, high]);
});

// Heart attacks of the Physicians' Health Study, a textbook's two-by-two table: chi-squared is 25.01, so z is 5.00.
test("the p-value is that of Pearson's chi-squared test, in both directions", () => {
  const [placebo, aspirin] = [
    { successes: 189, trials: 11034 },
    { successes: 104, trials: 11037 },
  ];
  expect(proportionDifference(placebo, aspirin)?.pValue).toBeCloseTo(5.69e-7, 9);
  expect(proportionDifference(aspirin, placebo)?.pValue).toBe(proportionDifference(placebo, aspirin)?.pValue);
});

test("the p-value is 1 if all or none succeed in both", () => {
  expect(proportionDifference({ successes: 0, trials: 3 }, { successes: 0, trials: 9 })?.pValue).toBe(1);
  expect(proportionDifference({ successes: 3, trials: 3 }, { successes: 9, trials: 9 })?.pValue).toBe(1);
});

test("there is no difference if one has no trials", () => {
  expect(proportionDifference({ successes: 0, trials: 0 }, { successes: 1, trials: 2 })).toBeNull();
  expect(proportionDifference({ successes: 1, trials: 2 }, { successes: 0, trials: 0 })).toBeNull();
});

test("the interval contains the difference, is within [-1, 1], and changes sign if the proportions are exchanged", () => {
  const side = fc.tuple(fc.nat(300), fc.nat(300)).filter(([a, b]) => a + b > 0);
  fc.assert(
    fc.property(side, side, ([a, restA], [b, restB]) => {
      const [first, second] = [
        { successes: a, trials: a + restA },
        { successes: b, trials: b + restB },
      ];
      const one = proportionDifference(first, second);
      const other = proportionDifference(second, first);
      if (one === null || other === null) throw new Error("both have trials");
      expect(one.low).toBeGreaterThanOrEqual(-1);
      expect(one.low).toBeLessThanOrEqual(one.difference);
      expect(one.high).toBeGreaterThanOrEqual(one.difference);
      expect(one.high).toBeLessThanOrEqual(1);
      expect(other.low).toBeCloseTo(-one.high, 12);
      expect(other.high).toBeCloseTo(-one.low, 12);
    }),
    { numRuns: 200 },
  );
});
