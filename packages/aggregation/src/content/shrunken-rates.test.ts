import fc from "fast-check";
import { expect, test } from "vitest";
import { fitBetaPrior } from "../statistics/beta-binomial.ts";
import { rankByShrunkenRate, shrunkenMean, shrunkenRate } from "./shrunken-rates.ts";

const seen = (successes: number, trials: number) => ({ successes, trials });

test("two lucky votes do not come before many good ones", () => {
  const usual = Array.from({ length: 20 }, (_, i) => seen(30 + i, 100));
  const { items } = rankByShrunkenRate([seen(2, 2), ...usual], (genre) => genre);
  expect(items[0]).toMatchObject(seen(49, 100));
  expect(items.findIndex(({ trials }) => trials === 2)).toBeGreaterThan(2);
});

test("of equal rates that with more trials comes first", () => {
  const { items } = rankByShrunkenRate([seen(5, 10), seen(50, 100), seen(5, 10)], (genre) => genre);
  expect(items[0]).toMatchObject(seen(50, 100));
});

test("a shrunken rate lies between its own rate and the prior's mean, within its interval", () => {
  const anySeen = fc.nat(300).chain((trials) => fc.nat(trials).map((successes) => seen(successes, trials)));
  fc.assert(
    fc.property(fc.array(anySeen, { minLength: 1, maxLength: 20 }), (all) => {
      const prior = fitBetaPrior(all);
      for (const one of all) {
        const { value, interval } = shrunkenRate(one, prior);
        const ends = [prior.a / (prior.a + prior.b), one.trials === 0 ? prior.a / (prior.a + prior.b) : one.successes / one.trials];
        expect(value).toBeGreaterThanOrEqual(Math.min(...ends) - 1e-12);
        expect(value).toBeLessThanOrEqual(Math.max(...ends) + 1e-12);
        expect(value).toBeCloseTo(shrunkenMean(one, prior), 12);
        expect(interval[0]).toBeLessThanOrEqual(value);
        expect(interval[1]).toBeGreaterThanOrEqual(value);
      }
    }),
    // Nobody liked anything, so the prior is as skewed as it can be.
    { numRuns: 100, examples: [[[seen(0, 292), seen(0, 0)]]] },
  );
});
