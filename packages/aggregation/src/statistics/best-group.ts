import { posteriorOf, type RateEstimate, rateEstimate } from "./beta-binomial.ts";
import { type BetaShape, betaCdf, betaQuantile } from "./beta-distribution.ts";
import type { Proportion } from "./proportion.ts";

export type Group = Proportion & { readonly key: string };

export type GroupEstimate = Group &
  RateEstimate & {
    /** The posterior probability that no other group has a higher true rate. */
    readonly probabilityBest: number;
  };

/**
 * The group with the highest rate, and the probability that it is the best.
 * @param prior with the uniform prior, one success in one trial can be the best; with a prior fitted to the groups (`fitBetaPrior`) it cannot
 * @returns every group in the order given, and the one with the highest posterior mean (the first of equal ones); `null` without groups
 */
export function bestGroup(
  groups: readonly Group[],
  prior: BetaShape,
): { readonly best: GroupEstimate; readonly groups: readonly GroupEstimate[] } | null {
  const shapes = groups.map((group) => posteriorOf(prior, group));
  const chances = probabilitiesBest(shapes);
  const estimates = groups.map((group, index) => ({
    ...group,
    ...rateEstimate(shapes[index] as BetaShape),
    probabilityBest: chances[index] as number,
  }));
  const [first, ...others] = estimates;
  if (first === undefined) return null;
  return { best: others.reduce((best, estimate) => (estimate.mean > best.mean ? estimate : best), first), groups: estimates };
}

/** The number of slices of equal probability per distribution. The error of a probability is of the order of 1 / slices^2. */
const slices = 128;

/**
 * The probability of each independent beta variable to be the largest: the integral of the product of the other distribution functions over
 * its own distribution (for two variables: J. D. Cook, "Exact calculation of beta inequalities", 2005). Uses the trapezoidal rule between the
 * quantiles of all variables, so that no distribution function rises by more than one slice between two points, even if it is steep.
 */
function probabilitiesBest(shapes: readonly BetaShape[]): readonly number[] {
  const inner = shapes.flatMap((shape) => Array.from({ length: slices - 1 }, (_, slice) => betaQuantile((slice + 1) / slices, shape)));
  const grid = [0, ...inner.sort((a, b) => a - b), 1];
  const chances = shapes.map(() => 0);
  let before = shapes.map(() => 0);
  let othersBefore = productsOfOthers(before);
  for (const x of grid) {
    const cdfs = shapes.map((shape) => betaCdf(x, shape));
    const others = productsOfOthers(cdfs);
    for (let i = 0; i < shapes.length; i++) {
      const step = (cdfs[i] as number) - (before[i] as number);
      chances[i] = (chances[i] as number) + (step * ((others[i] as number) + (othersBefore[i] as number))) / 2;
    }
    [before, othersBefore] = [cdfs, others];
  }
  return chances;
}

/** @returns for each value the product of all others; without division, because values may be 0 */
function productsOfOthers(values: readonly number[]): readonly number[] {
  const products = values.map(() => 1);
  for (const [from, to, by] of [
    [0, values.length, 1],
    [values.length - 1, -1, -1],
  ] as const) {
    let running = 1;
    for (let i = from; i !== to; i += by) {
      products[i] = (products[i] as number) * running;
      running *= values[i] as number;
    }
  }
  return products;
}
