import fc from "fast-check";
import { expect, test } from "vitest";
import { fitBetaPrior, posteriorOf, rateEstimate, uniformPrior } from "./beta-binomial.ts";
import { betaQuantile } from "./beta-distribution.ts";
import type { Proportion } from "./proportion.ts";

const of = (successes: number, trials: number): Proportion => ({ successes, trials });
const anyProportion = fc.tuple(fc.nat(500), fc.nat(500)).map(([hits, misses]) => of(hits, hits + misses));
const anyProportions = fc.array(anyProportion, { maxLength: 40 });

test("the prior of one success in one trial is updated by the rule of succession", () => {
  expect(rateEstimate(posteriorOf(uniformPrior, of(1, 1))).mean).toBeCloseTo(2 / 3, 12);
});

// A uniform prior and 0 of n: the upper end is 1 - 0.025^(1 / (n + 1)), by the distribution function of Beta(1, n + 1).
test("the credible interval has equal tails", () => {
  const { low, high } = rateEstimate(posteriorOf(uniformPrior, of(0, 9)));
  expect(low).toBeCloseTo(1 - 0.975 ** 0.1, 12);
  expect(high).toBeCloseTo(1 - 0.025 ** 0.1, 12);
});

/** Proportions whose true rates are the quantiles of a beta distribution, each seen without luck. */
function typicalDraws(a: number, b: number, count: number, trials: number): Proportion[] {
  return Array.from({ length: count }, (_, index) => of(Math.round(betaQuantile((index + 0.5) / count, { a, b }) * trials), trials));
}

test("from many trials each, the fit finds the distribution that the rates come from", () => {
  const { a, b } = fitBetaPrior(typicalDraws(8, 12, 400, 100_000));
  expect(a / (a + b)).toBeCloseTo(0.4, 3);
  expect(a + b).toBeGreaterThan(19);
  expect(a + b).toBeLessThan(21);
});

test("rates that do not differ make a strong prior, rates that differ widely a weak one", () => {
  const same = fitBetaPrior(Array.from({ length: 50 }, () => of(30, 100)));
  expect(same.a + same.b).toBeGreaterThan(300);
  const wide = fitBetaPrior(typicalDraws(1, 1, 50, 100));
  expect(wide.a + wide.b).toBeLessThan(3);
});

test("where nothing can be told the prior weighs two trials", () => {
  expect(fitBetaPrior([])).toEqual(uniformPrior);
  expect(fitBetaPrior([of(0, 0)])).toEqual(uniformPrior);
  for (const untold of [[of(90, 100)], [of(1, 1), of(0, 1), of(1, 1)]]) {
    const { a, b } = fitBetaPrior(untold);
    expect(a + b).toBeCloseTo(2, 12);
  }
});

test("two likes of two never top a list in which another title has the same rate over many votes", () => {
  const list = [of(2, 2), of(400, 400), of(50, 120), of(30, 90), of(9, 40), of(1, 3), of(190, 200)];
  const prior = fitBetaPrior(list);
  const ranked = list.toSorted(
    (first, second) => rateEstimate(posteriorOf(prior, second)).mean - rateEstimate(posteriorOf(prior, first)).mean,
  );
  expect(ranked[0]).toEqual(of(400, 400));
  expect(ranked.findIndex(({ trials }) => trials === 2)).toBeGreaterThan(1);
});

test("at the best rate of a list more trials never rank lower", () => {
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

test("a shrunken rate lies between the rate seen and the mean of the prior, inside its interval", () => {
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
