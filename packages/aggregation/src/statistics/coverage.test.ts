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

// Of samples drawn from a known truth, 95 % of the intervals must hold it. Intervals of counts come in steps, so a single sample size and
// truth may lie a little off: sizes and truths vary from sample to sample, as they do in an answer. 4,000 samples have a standard error of
// 0.35 points; what is asked is two points.
const samples = 4_000;

/** @param covers draws a sample and says whether its interval holds the truth */
function coverageOf(name: string, covers: (random: Random) => boolean): number {
  const random = new Random("coverage", name);
  let held = 0;
  for (let sample = 0; sample < samples; sample++) if (covers(random)) held++;
  return (100 * held) / samples;
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

/** The number of arrivals in one unit of time, their gaps being exponential. */
function poisson(random: Random, mean: number): number {
  let count = 0;
  for (let at = random.exponential(1 / mean); at < 1; at += random.exponential(1 / mean)) count++;
  return count;
}

const holds = (low: number, high: number | null, truth: number) => low <= truth && (high === null || truth <= high);

test("Wilson's interval holds the true proportion 95 times in 100: 20 to 300 trials, proportions of 0.05 to 0.95", () => {
  expectNominal(
    coverageOf("wilson", (random) => {
      const rate = random.between(0.05, 0.95);
      const { successes, trials } = draw(random, rate, 20 + random.below(281));
      const [low, high] = wilsonInterval(successes, trials) as readonly [number, number];
      return holds(low, high, rate);
    }),
  );
});

// Durations of mean 1, each out of sight after a time that is uniform in [0, 3): about a third is censored.
test.each([0.8, 0.5, 0.3])(
  "the interval of the survival curve holds the true survival of %f 95 times in 100: 100 durations, a third censored",
  (survival) => {
    expectNominal(
      coverageOf("survival", (random) => {
        const observations = Array.from({ length: 100 }, () => {
          const [duration, sight] = [random.exponential(1), random.between(0, 3)];
          return { ms: Math.min(duration, sight), event: duration <= sight };
        });
        const { low, high } = survivalAt(kaplanMeier(observations), -Math.log(survival));
        return holds(low, high, survival);
      }),
    );
  },
);

test("the interval of the median holds the true median 95 times in 100, by the same scenario", () => {
  expectNominal(
    coverageOf("median", (random) => {
      const { medianLowMs, medianHighMs } = kaplanMeier(
        Array.from({ length: 100 }, () => {
          const [duration, sight] = [random.exponential(1), random.between(0, 3)];
          return { ms: Math.min(duration, sight), event: duration <= sight };
        }),
      );
      return medianLowMs !== null && holds(medianLowMs, medianHighMs, Math.LN2);
    }),
  );
});

test("Newcombe's interval holds the true difference 95 times in 100: 20 to 200 trials a side, proportions of 0.1 to 0.9", () => {
  expectNominal(
    coverageOf("difference", (random) => {
      const [first, second] = [random.between(0.1, 0.9), random.between(0.1, 0.9)];
      const found = proportionDifference(draw(random, first, 20 + random.below(181)), draw(random, second, 20 + random.below(181)));
      return found !== null && holds(found.low, found.high, first - second);
    }),
  );
});

test("the interval of a rate ratio holds the true ratio 95 times in 100: counts of 5 to 100 a side", () => {
  expectNominal(
    coverageOf("ratio", (random) => {
      const [first, second] = [random.between(5, 100), random.between(5, 100)];
      const { low, high } = rateRatio({ count: poisson(random, first), exposure: 2 }, { count: poisson(random, second), exposure: 1 });
      return holds(low, high, first / 2 / second);
    }),
  );
});

test("the interval of a lift holds the true lift 95 times in 100: 50 to 250 a side, shares of 0.1 to 0.6", () => {
  expectNominal(
    coverageOf("lift", (random) => {
      const [first, second] = [random.between(0.1, 0.6), random.between(0.1, 0.6)];
      const found = liftOf(draw(random, first, 50 + random.below(201)), draw(random, second, 50 + random.below(201)));
      return found !== null && holds(found.low, found.high, first / second);
    }),
  );
});

// As titles are: most have few votes. The prior is not known but fitted, from as many titles or room sizes as are named.
test.each([
  [10, 12, 8],
  [50, 12, 8],
  [400, 12, 8],
  [400, 2, 6],
])(
  "the credible interval of a shrunken rate holds the true rate 95 times in 100: %i rates drawn from Beta(%f, %f), 1 to 300 trials",
  (count, a, b) => {
    const random = new Random("coverage", "shrunken", count, a);
    const lists = Math.ceil((2 * samples) / count);
    let held = 0;
    for (let list = 0; list < lists; list++) {
      const rates = Array.from({ length: count }, () => betaQuantile(random.unit(), { a, b }));
      const seen = rates.map((rate) => draw(random, rate, 1 + Math.floor(300 * random.unit() ** 4)));
      const prior = fitBetaPrior(seen);
      rates.forEach((rate, index) => {
        const { low, high } = rateEstimate(posteriorOf(prior, seen[index] as Proportion));
        if (holds(low, high, rate)) held++;
      });
    }
    expectNominal((100 * held) / (lists * count));
  },
);
