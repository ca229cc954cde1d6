import { Random } from "@trinity/simulator/random";
import { expect, test } from "vitest";
import { wilsonInterval } from "../wilson.ts";
import { fitBetaPrior, posteriorOf, rateEstimate } from "./beta-binomial.ts";
import { betaQuantile } from "./beta-distribution.ts";
import { kaplanMeier, survivalAt } from "./kaplan-meier.ts";
import { liftOf } from "./lift.ts";
import { rateRatio } from "./poisson-rates.ts";
import type { Proportion } from "./proportion.ts";
import { proportionDifference } from "./two-proportions.ts";

// Of samples drawn with a known true value, 95 % of the intervals must contain it. Counts are discrete, so for a single sample size and true
// value the coverage can differ a little. So sizes and true values vary from sample to sample, as in answers. The standard error of 4,000
// samples is 0.35 points; the tests allow two points.
const samples = 4_000;

/** @param covers draws a sample and returns whether its interval contains the true value */
function coverageOf(name: string, covers: (random: Random) => boolean): number {
  const random = new Random("coverage", name);
  let covered = 0;
  for (let sample = 0; sample < samples; sample++) if (covers(random)) covered++;
  return (100 * covered) / samples;
}

function expectNominal(coverage: number): void {
  expect(coverage).toBeGreaterThan(93);
  expect(coverage).toBeLessThan(97);
}

function draw(random: Random, rate: number, trials: number): Proportion {
  let successes = 0;
  for (let trial = 0; trial < trials; trial++) if (random.chance(rate)) successes++;
  return { successes, trials };
}

/** The number of arrivals in one unit of time, with exponential gaps. */
function poisson(random: Random, mean: number): number {
  let count = 0;
  for (let at = random.exponential(1 / mean); at < 1; at += random.exponential(1 / mean)) count++;
  return count;
}

const contains = (low: number, high: number | null, truth: number) => low <= truth && (high === null || truth <= high);

test("95 % of Wilson intervals contain the true proportion: 20 to 300 trials, proportions of 0.05 to 0.95", () => {
  expectNominal(
    coverageOf("wilson", (random) => {
      const rate = random.between(0.05, 0.95);
      const { successes, trials } = draw(random, rate, 20 + random.below(281));
      const [low, high] = wilsonInterval(successes, trials) as readonly [number, number];
      return contains(low, high, rate);
    }),
  );
});

// Durations with mean 1, each censored after a time that is uniform in [0, 3): about a third is censored.
test.each([0.8, 0.5, 0.3])(
  "95 % of intervals of the survival curve contain the true survival of %f: 100 durations, a third censored",
  (survival) => {
    expectNominal(
      coverageOf("survival", (random) => {
        const observations = Array.from({ length: 100 }, () => {
          const [duration, censoring] = [random.exponential(1), random.between(0, 3)];
          return { ms: Math.min(duration, censoring), event: duration <= censoring };
        });
        const { low, high } = survivalAt(kaplanMeier(observations), -Math.log(survival));
        return contains(low, high, survival);
      }),
    );
  },
);

test("95 % of intervals of the median contain the true median, in the same scenario", () => {
  expectNominal(
    coverageOf("median", (random) => {
      const { medianLowMs, medianHighMs } = kaplanMeier(
        Array.from({ length: 100 }, () => {
          const [duration, censoring] = [random.exponential(1), random.between(0, 3)];
          return { ms: Math.min(duration, censoring), event: duration <= censoring };
        }),
      );
      return medianLowMs !== null && contains(medianLowMs, medianHighMs, Math.LN2);
    }),
  );
});

test("95 % of Newcombe intervals contain the true difference: 20 to 200 trials in each group, proportions of 0.1 to 0.9", () => {
  expectNominal(
    coverageOf("difference", (random) => {
      const [first, second] = [random.between(0.1, 0.9), random.between(0.1, 0.9)];
      const found = proportionDifference(draw(random, first, 20 + random.below(181)), draw(random, second, 20 + random.below(181)));
      return found !== null && contains(found.low, found.high, first - second);
    }),
  );
});

test("95 % of intervals of a rate ratio contain the true ratio: both counts from 5 to 100", () => {
  expectNominal(
    coverageOf("ratio", (random) => {
      const [first, second] = [random.between(5, 100), random.between(5, 100)];
      const { low, high } = rateRatio({ count: poisson(random, first), exposure: 2 }, { count: poisson(random, second), exposure: 1 });
      return contains(low, high, first / 2 / second);
    }),
  );
});

test("95 % of intervals of a lift contain the true lift: 50 to 250 in each group, shares of 0.1 to 0.6", () => {
  expectNominal(
    coverageOf("lift", (random) => {
      const [first, second] = [random.between(0.1, 0.6), random.between(0.1, 0.6)];
      const found = liftOf(draw(random, first, 50 + random.below(201)), draw(random, second, 50 + random.below(201)));
      return found !== null && contains(found.low, found.high, first / second);
    }),
  );
});

// Most titles have few votes. The prior is fitted to the given number of rates.
test.each([
  [10, 12, 8],
  [50, 12, 8],
  [400, 12, 8],
  [400, 2, 6],
])(
  "95 % of credible intervals of shrunken rates contain the true rate: %i rates drawn from Beta(%f, %f), 1 to 300 trials",
  (count, a, b) => {
    const random = new Random("coverage", "shrunken", count, a);
    const lists = Math.ceil((2 * samples) / count);
    let covered = 0;
    for (let list = 0; list < lists; list++) {
      const rates = Array.from({ length: count }, () => betaQuantile(random.unit(), { a, b }));
      const seen = rates.map((rate) => draw(random, rate, 1 + Math.floor(300 * random.unit() ** 4)));
      const prior = fitBetaPrior(seen);
      rates.forEach((rate, index) => {
        const { low, high } = rateEstimate(posteriorOf(prior, seen[index] as Proportion));
        if (contains(low, high, rate)) covered++;
      });
    }
    expectNominal((100 * covered) / (lists * count));
  },
);
