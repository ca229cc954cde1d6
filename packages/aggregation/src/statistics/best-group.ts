import { posteriorOf, type RateEstimate, rateEstimate } from "./beta-binomial.ts";
import { type BetaShape, betaCdf, betaQuantile } from "./beta-distribution.ts";
import type { Proportion } from "./proportion.ts";

export type Group = Proportion & { readonly key: string };

export type GroupEstimate = Group &
  RateEstimate & {
    /** The chance that no other group has a higher true rate, given what was seen. */
    readonly probabilityBest: number;
  };

/**
 * Which group has the highest rate, and how sure that is.
 * @param prior under the uniform prior a single success is enough to come first; under one fitted to the groups (`fitBetaPrior`) it is not
 * @returns every group in the order given, and the one with the highest posterior mean (of equals the first); `null` over nothing
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

/** Slices of equal probability that each distribution is cut into. The error of a probability is of the order of one over its square. */
const slices = 128;

/**
 * The chance of each independent beta variable to be the largest: the integral of the product of the other distribution functions over its
 * own distribution (for two variables: J. D. Cook, "Exact calculation of beta inequalities", 2005). By the trapezoidal rule between the
 * quantiles of all of them, so that no distribution function moves more than one slice in a step, however steep it is.
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

/** @returns for each value the product of all but it; not by dividing, since values may be 0 */
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
