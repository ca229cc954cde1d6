import { type BetaShape, betaQuantile } from "./beta-distribution.ts";
import { normalDensity, twoSidedPValue } from "./normal-distribution.ts";
import type { Proportion } from "./proportion.ts";

/** What is known of a rate: its posterior mean and 95 % credible interval (equal tails). */
export type RateEstimate = { readonly mean: number; readonly low: number; readonly high: number };

/** The prior that takes every rate for equally likely. */
export const uniformPrior: BetaShape = { a: 1, b: 1 };

/**
 * Empirical Bayes (Efron and Morris, JASA 70 (1975), p. 311; for counts, Robinson, "Introduction to Empirical Bayes", 2017): the beta
 * distribution that the true rates of many proportions seem to be drawn from. With it as prior, a rate seen in few trials is shrunken far
 * towards the mean of all, one seen in many hardly at all.
 *
 * Fitted by weighted moments (Kleinman, JASA 68 (1973), p. 46), each proportion weighing as much as it knows about the mean. The marginal
 * likelihood would need an optimiser that can fail to converge, and its maximum lies at infinity where rates seem to differ by chance alone;
 * the moments are a few sums that always end. That the correlation is positive is known beforehand, so its estimate is the mean over the
 * positive values that the data leaves open (as Morris, JASA 78 (1983), p. 47, does for normal means): a prior fitted to few proportions
 * is weak, and the intervals cover. Never weaker than the uniform prior, though: that is also what is left where nothing can be told, from
 * a single proportion or from single trials.
 * @returns the uniform prior over nothing
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

/** The prior updated by what was seen: Beta(a + successes, b + failures). */
export function posteriorOf(prior: BetaShape, { successes, trials }: Proportion): BetaShape {
  return { a: prior.a + successes, b: prior.b + trials - successes };
}

/** Sort by `mean` to rank: between two of the same rate, above the prior's mean, the one with more trials comes first. */
export function rateEstimate(shape: BetaShape): RateEstimate {
  return { mean: shape.a / (shape.a + shape.b), low: betaQuantile(0.025, shape), high: betaQuantile(0.975, shape) };
}

/** The best weights depend on the correlation that they are to find: they settle in a few rounds. */
const rounds = 20;

/**
 * The mean of the rates and their intraclass correlation, 1 / (a + b + 1): the variance of a share of n trials is
 * mean (1 - mean) (correlation + (1 - correlation) / n).
 * @param assumed the correlation that the weights are made for
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
  // Half a success off either end: all or none may be luck.
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
  // With these weights the spread over mean (1 - mean) is chi-squared, of one degree of freedom less than there are proportions.
  const standardError = Math.sqrt(2 * (tried.length - 1)) / common;
  return { mean, correlation: Math.min(1, positiveMean(seen, standardError)) };
}

/** The mean of what is normal around `seen` and known to be positive. */
function positiveMean(seen: number, standardError: number): number {
  const z = seen / standardError;
  return seen + (standardError * normalDensity(z)) / (1 - twoSidedPValue(z) / 2);
}
