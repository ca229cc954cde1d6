import { type BetaShape, betaQuantile } from "./beta-distribution.ts";
import { normalDensity, twoSidedPValue } from "./normal-distribution.ts";
import type { Proportion } from "./proportion.ts";

/** The posterior mean of a rate and its 95 % credible interval (equal tails). */
export type RateEstimate = { readonly mean: number; readonly low: number; readonly high: number };

/** The prior under which all rates are equally likely. */
export const uniformPrior: BetaShape = { a: 1, b: 1 };

/**
 * Empirical Bayes (Efron and Morris, JASA 70 (1975), p. 311; for counts, Robinson, "Introduction to Empirical Bayes", 2017): the beta
 * distribution from which the true rates of many proportions are drawn. With it as prior, a rate from few trials is shrunken strongly
 * towards the overall mean, and a rate from many trials hardly at all.
 *
 * Fitted by weighted moments (Kleinman, JASA 68 (1973), p. 46); each proportion is weighted by its information about the mean. The marginal
 * likelihood would need an optimiser that can fail to converge, and its maximum is at infinity if rates differ no more than by chance. The
 * moments need only a few sums. The correlation is known to be positive, so its estimate is the mean of a normal distribution truncated to
 * positive values (as Morris, JASA 78 (1983), p. 47, does for normal means). So a prior fitted to few proportions is weak, and the
 * intervals cover. But it is never weaker than two trials, the weight of the uniform prior. This is also the weight if the data cannot tell:
 * with a single proportion, or if each proportion has a single trial.
 * @returns the uniform prior if there are no trials
 */
export function fitBetaPrior(proportions: readonly Proportion[]): BetaShape {
  const tried = proportions.filter(({ trials }) => trials > 0);
  const trials = tried.reduce((sum, proportion) => sum + proportion.trials, 0);
  let moments = weightedMoments(tried, trials, 0);
  for (let round = 0; round < rounds; round++) moments = weightedMoments(tried, trials, moments.correlation);
  const { mean, correlation } = moments;
  const weight = Math.max(uniformPrior.a + uniformPrior.b, 1 / correlation - 1);
  return { a: mean * weight, b: (1 - mean) * weight };
}

/** The prior updated by an observation: Beta(a + successes, b + failures). */
export function posteriorOf(prior: BetaShape, { successes, trials }: Proportion): BetaShape {
  return { a: prior.a + successes, b: prior.b + trials - successes };
}

/** To rank, sort by `mean`: of two equal rates above the mean of the prior, the one with more trials is first. */
export function rateEstimate(shape: BetaShape): RateEstimate {
  return { mean: shape.a / (shape.a + shape.b), low: betaQuantile(0.025, shape), high: betaQuantile(0.975, shape) };
}

/** The best weights depend on the correlation, which is estimated with the weights. A few rounds converge. */
const rounds = 20;

/**
 * The mean of the rates and their intraclass correlation, 1 / (a + b + 1): the variance of a share of n trials is
 * mean (1 - mean) (correlation + (1 - correlation) / n).
 * @param assumed the correlation for which the weights are optimal
 */
function weightedMoments(
  tried: readonly Proportion[],
  totalTrials: number,
  assumed: number,
): { readonly mean: number; readonly correlation: number } {
  const weightOf = ({ trials }: Proportion) => trials / (1 + (trials - 1) * assumed);
  let weights = 0;
  let shares = 0;
  for (const proportion of tried) {
    weights += weightOf(proportion);
    shares += (weightOf(proportion) * proportion.successes) / proportion.trials;
  }
  // Half a success away from 0 and 1: that all or none succeeded may be chance.
  const edge = 0.5 / (totalTrials + 1);
  const mean = weights === 0 ? 0.5 : Math.min(1 - edge, Math.max(edge, shares / weights));
  let spread = 0;
  let chance = 0;
  let common = 0;
  for (const proportion of tried) {
    const weight = weightOf(proportion);
    const free = weight * (1 - weight / weights);
    spread += weight * (proportion.successes / proportion.trials - mean) ** 2;
    chance += free / proportion.trials;
    common += free * (1 - 1 / proportion.trials);
  }
  if (common <= 0) return { mean, correlation: 1 };
  const seen = Math.max(0, (spread / (mean * (1 - mean)) - chance) / common);
  // With these weights, spread / (mean (1 - mean)) is chi-squared, with one degree of freedom less than there are proportions.
  const standardError = Math.sqrt(2 * (tried.length - 1)) / common;
  return { mean, correlation: Math.min(1, positiveMean(seen, standardError)) };
}

/** The mean of a normal distribution around `seen`, truncated to positive values. */
function positiveMean(seen: number, standardError: number): number {
  const z = seen / standardError;
  return seen + (standardError * normalDensity(z)) / (1 - twoSidedPValue(z) / 2);
}
