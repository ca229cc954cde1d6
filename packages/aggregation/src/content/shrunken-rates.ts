import { fitBetaPrior, posteriorOf, rateEstimate } from "../statistics/beta-binomial.ts";
import type { BetaShape } from "../statistics/beta-distribution.ts";
import type { Proportion } from "../statistics/proportion.ts";

/** What is known of a rate: its posterior mean and 95 % credible interval. */
export type ShrunkenRate = { readonly value: number; readonly interval: readonly [number, number] };

export type Ranked<Item> = {
  /** The highest shrunken rate first; of equals the one with more trials, then as they were given. */
  readonly items: readonly (Item & { readonly shrunken: ShrunkenRate })[];
  /** Beta(a, b), fitted to all that were given. */
  readonly prior: BetaShape;
};

/**
 * Ranks rates so that two lucky votes never top a list: each is shrunken towards what all of them have in common, the more the fewer trials
 * it has.
 */
export function rankByShrunkenRate<Item>(items: readonly Item[], proportionOf: (item: Item) => Proportion): Ranked<Item> {
  const rates = items.map((item) => ({ item, seen: proportionOf(item) }));
  const prior = fitBetaPrior(rates.map(({ seen }) => seen));
  const ranked = rates.toSorted((a, b) => shrunkenMean(b.seen, prior) - shrunkenMean(a.seen, prior) || b.seen.trials - a.seen.trials);
  return { items: ranked.map(({ item, seen }) => ({ ...item, shrunken: shrunkenRate(seen, prior) })), prior };
}

export function shrunkenRate(seen: Proportion, prior: BetaShape): ShrunkenRate {
  const { mean, low, high } = rateEstimate(posteriorOf(prior, seen));
  // Of a very skewed posterior the mean can lie outside the equal-tailed interval: the interval is widened to it.
  return { value: mean, interval: [Math.min(low, mean), Math.max(high, mean)] };
}

/** The value of `shrunkenRate` alone, which costs far less than its interval. */
export function shrunkenMean({ successes, trials }: Proportion, prior: BetaShape): number {
  return (prior.a + successes) / (prior.a + prior.b + trials);
}
