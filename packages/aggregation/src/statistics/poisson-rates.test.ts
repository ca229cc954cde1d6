import fc from "fast-check";
import { expect, test } from "vitest";
import { rateRatio } from "./poisson-rates.ts";

// K. J. Rothman, "Modern Epidemiology": breast cancer after fluoroscopy, 41 cases in 28,010 person-years against 15 in 19,017.
// The ratio is published; the test statistic by hand: (41 - 33.355) / sqrt(13.488) = 2.082.
test("the ratio of a published example is as published, and its p-value is that of the score test", () => {
  const { ratio, low, high, pValue } = rateRatio({ count: 41, exposure: 28_010 }, { count: 15, exposure: 19_017 });
  expect([ratio, low, high].map((value) => Number(value?.toFixed(2)))).toEqual([1.86, 1.04, 3.32]);
  expect(pValue.toFixed(4)).toBe("0.0374");
});

test("a count of 0 leaves the interval open on that side, and two counts of 0 leave it unbounded", () => {
  expect(rateRatio({ count: 0, exposure: 1 }, { count: 7, exposure: 1 })).toMatchObject({ ratio: 0, low: 0 });
  expect(rateRatio({ count: 0, exposure: 1 }, { count: 7, exposure: 1 }).high).toBeLessThan(1);
  expect(rateRatio({ count: 7, exposure: 1 }, { count: 0, exposure: 1 })).toMatchObject({ ratio: null, high: null });
  expect(rateRatio({ count: 7, exposure: 1 }, { count: 0, exposure: 1 }).low).toBeGreaterThan(1);
  expect(rateRatio({ count: 0, exposure: 3 }, { count: 0, exposure: 5 })).toEqual({ ratio: null, low: 0, high: null, pValue: 1 });
});

test("a count in proportion to a longer exposure is the same rate", () => {
  expect(rateRatio({ count: 200, exposure: 2 }, { count: 100, exposure: 1 })).toMatchObject({ ratio: 1, pValue: 1 });
});

const side = fc.record({ count: fc.nat(2_000), exposure: fc.integer({ min: 1, max: 100 }) });

test("the p-value is below 0.05 exactly if 1 is outside the interval", () => {
  fc.assert(
    fc.property(side, side, (first, second) => {
      const { ratio, low, high, pValue } = rateRatio(first, second);
      fc.pre(Math.abs(pValue - 0.05) > 1e-9);
      expect(pValue < 0.05).toBe(low > 1 || (high !== null && high < 1));
      if (ratio === null) return;
      expect(low).toBeLessThanOrEqual(ratio);
      expect(high).toBeGreaterThanOrEqual(ratio);
    }),
    { numRuns: 500 },
  );
});

test("exchanging the rates gives the reciprocal", () => {
  const some = side.filter(({ count }) => count > 0);
  fc.assert(
    fc.property(some, some, (first, second) => {
      const [one, other] = [rateRatio(first, second), rateRatio(second, first)];
      expect((one.ratio as number) * (other.ratio as number)).toBeCloseTo(1, 9);
      expect(one.low * (other.high as number)).toBeCloseTo(1, 9);
      expect(one.pValue).toBeCloseTo(other.pValue, 12);
    }),
    { numRuns: 200 },
  );
});
