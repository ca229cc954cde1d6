import fc from "fast-check";
import { expect, test } from "vitest";
import { fitBetaPrior, posteriorOf, rateEstimate, uniformPrior } from "./beta-binomial.ts";
import { betaQuantile } from "./beta-distribution.ts";
import type { Proportion } from "./proportion.ts";

const of = (successes: number, trials: number): Proportion => ({ successes, trials });
const anyProportion = fc.tuple(fc.nat(500), fc.nat(500)).map(([hits, misses]) => of(hits, hits + misses));
const anyProportions = fc.array(anyProportion, { maxLength: 40 });

test("the uniform prior gives the rule of succession for one success in one trial", () => {
  expect(rateEstimate(posteriorOf(uniformPrior, of(1, 1))).mean).toBeCloseTo(2 / 3, 12);
});

// Uniform prior, 0 of n: the upper bound is 1 - 0.025^(1 / (n + 1)), by the distribution function of Beta(1, n + 1).
test("the credible interval has equal tails", () => {
  const { low, high } = rateEstimate(posteriorOf(uniformPrior, of(0, 9)));
  expect(low).toBeCloseTo(1 - 0.975 ** 0.1, 12);
  expect(high).toBeCloseTo(1 - 0.025 ** 0.1, 12);
});

/** Proportions whose true rates are the quantiles of a beta distribution, observed without sampling error. */
function typicalDraws(a: number, b: number, count: number, trials: number): Proportion[] {
  return Array.from({ length: count }, (_, index) => of(Math.round(betaQuantile((index + 0.5) / count, { a, b }) * trials), trials));
}

test("with many trials for each rate, the fit finds the distribution of the rates", () => {
  const { a, b } = fitBetaPrior(typicalDraws(8, 12, 400, 100_000));
  expect(a / (a + b)).toBeCloseTo(0.4, 3);
  expect(a + b).toBeGreaterThan(19);
  expect(a + b).toBeLessThan(21);
});

test("equal rates give a strong prior, and widely different rates a weak one", () => {
  const same = fitBetaPrior(Array.from({ length: 50 }, () => of(30, 100)));
  expect(same.a + same.b).toBeGreaterThan(300);
  const wide = fitBetaPrior(typicalDraws(1, 1, 50, 100));
  expect(wide.a + wide.b).toBeLessThan(3);
});

test("if the data cannot tell, the prior weighs two trials", () => {
  expect(fitBetaPrior([])).toEqual(uniformPrior);
  expect(fitBetaPrior([of(0, 0)])).toEqual(uniformPrior);
  for (const uninformative of [[of(90, 100)], [of(1, 1), of(0, 1), of(1, 1)]]) {
    const { a, b } = fitBetaPrior(uninformative);
    expect(a + b).toBeCloseTo(2, 12);
  }
});

test("two likes of two votes are never first in a list with a title that has the same rate over many votes", () => {
  const list = [of(2, 2), of(400, 400), of(50, 120), of(30, 90), of(9, 40), of(1, 3), of(190, 200)];
  const prior = fitBetaPrior(list);
  const ranked = list.toSorted(
    (first, second) => rateEstimate(posteriorOf(prior, second)).mean - rateEstimate(posteriorOf(prior, first)).mean,
  );
  expect(ranked[0]).toEqual(of(400, 400));
  expect(ranked.findIndex(({ trials }) => trials === 2)).toBeGreaterThan(1);
});

test("at the best rate of a list, more trials never give a lower rank", () => {
  fc.assert(
    fc.property(
      anyProportions,
      fc.nat(8),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 2, max: 50 }),
      (others, misses, hits, times) => {
        const few = of(hits, hits + misses);
        const many = of(few.successes * times, few.trials * times);
        const rate = ({ successes, trials }: Proportion) => (trials === 0 ? 0 : successes / trials);
        const list = [few, many, ...others.filter((other) => rate(other) <= rate(few))];
        const prior = fitBetaPrior(list);
        expect(rateEstimate(posteriorOf(prior, few)).mean).toBeLessThanOrEqual(rateEstimate(posteriorOf(prior, many)).mean + 1e-9);
      },
    ),
    { numRuns: 300 },
  );
});

test("a shrunken rate is between the observed rate and the mean of the prior, and its interval is within [0, 1]", () => {
  fc.assert(
    fc.property(anyProportions, (proportions) => {
      const prior = fitBetaPrior(proportions);
      expect(prior.a).toBeGreaterThan(0);
      expect(prior.b).toBeGreaterThan(0);
      const priorMean = prior.a / (prior.a + prior.b);
      for (const proportion of proportions) {
        const { mean, low, high } = rateEstimate(posteriorOf(prior, proportion));
        const seen = proportion.trials === 0 ? priorMean : proportion.successes / proportion.trials;
        expect(mean).toBeGreaterThanOrEqual(Math.min(seen, priorMean) - 1e-12);
        expect(mean).toBeLessThanOrEqual(Math.max(seen, priorMean) + 1e-12);
        expect(low).toBeLessThan(high);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 100 },
  );
});
