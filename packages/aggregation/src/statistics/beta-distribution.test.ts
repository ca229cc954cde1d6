import fc from "fast-check";
import { expect, test } from "vitest";
import { type BetaShape, betaCdf, betaQuantile } from "./beta-distribution.ts";

// K. Pearson, "Tables of the Incomplete Beta-Function" (1934), as in Abramowitz and Stegun, section 26.5, by the binomial sum 26.5.24.
test.each([
  [0.5, 2, 2, 0.5],
  [0.2, 1, 2, 0.36],
  [0.3, 2, 3, 0.3483],
  [0.25, 0.5, 0.5, 1 / 3], // 2 / pi arcsin(sqrt(x)), the arcsine law
])("I_%f(%f, %f) is %f", (x, a, b, probability) => {
  expect(betaCdf(x, { a, b })).toBeCloseTo(probability, 14);
});

/** The exact I_x(a, b) at x = sixteenths / 16, in integers: the probability of a or more successes in a + b - 1 trials (DLMF 8.17.5). */
function exactCdf(sixteenths: number, { a, b }: BetaShape): number {
  const trials = a + b - 1;
  let sum = 0n;
  let ways = 1n;
  for (let successes = 0; successes <= trials; successes++) {
    if (successes >= a) sum += ways * BigInt(sixteenths) ** BigInt(successes) * BigInt(16 - sixteenths) ** BigInt(trials - successes);
    ways = (ways * BigInt(trials - successes)) / BigInt(successes + 1);
  }
  return Number((sum * 10n ** 30n) / 16n ** BigInt(trials)) / 1e30;
}

test("the distribution function equals the exact binomial sum to twelve digits", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 120 }), (sixteenths, a, b) => {
      expect(Math.abs(betaCdf(sixteenths / 16, { a, b }) - exactCdf(sixteenths, { a, b }))).toBeLessThan(1e-12);
    }),
    { numRuns: 200 },
  );
});

test("the distribution function is exact for the counts of a popular title", () => {
  expect(betaCdf(0.5, { a: 5e6, b: 5e6 })).toBeCloseTo(0.5, 9);
  expect(betaCdf(0.75, { a: 1500, b: 520 })).toBeCloseTo(exactCdf(12, { a: 1500, b: 520 }), 11);
});

// Tables of the F distribution (Abramowitz and Stegun, table 26.9): F(0.975; 10, 20) = 2.77, F(0.975; 4, 6) = 6.23, x = a F / (a F + b).
test.each([
  [5, 10, 2.77],
  [2, 3, 6.23],
])("the 0.975 quantile of Beta(%f, %f) agrees with the F table: %f", (a, b, f) => {
  const x = betaQuantile(0.975, { a, b });
  expect(((b * x) / (a * (1 - x))).toFixed(2)).toBe(f.toFixed(2));
});

test("the quantile is the inverse of the distribution function", () => {
  const shape = fc.double({ min: 0.5, max: 1e5, noNaN: true });
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), shape, shape, (probability, a, b) => {
      // Near 1 the last digits of the quantile stand for more probability than the test allows.
      fc.pre(betaQuantile(probability, { a, b }) < 1 - 1e-6);
      expect(betaCdf(betaQuantile(probability, { a, b }), { a, b })).toBeCloseTo(probability, 8);
    }),
    { numRuns: 200 },
  );
});
