import type { MetricValue } from "../metric-value.ts";
import { fitBetaPrior } from "../statistics/beta-binomial.ts";
import type { BetaShape } from "../statistics/beta-distribution.ts";
import { type ShrunkenRate, shrunkenMean, shrunkenRate } from "./shrunken-rates.ts";

/** What titles can be ranked by. */
export const titleSorts = ["shrunken", "rate", "votes", "likes", "views", "matches", "matchingPower"] as const;
export type TitleSort = (typeof titleSorts)[number];

export type TitleNumbers = {
  readonly contentId: string;
  /** Likes among votes. */
  readonly positive: MetricValue;
  readonly views: number;
  readonly matches: number;
  readonly matchingPower: MetricValue;
};

export type TitleRanking = {
  readonly titles: readonly (TitleNumbers & { readonly shrunken: ShrunkenRate })[];
  /** How many titles there are to rank. */
  readonly total: number;
  /** Beta(a, b), fitted to all of them. */
  readonly prior: BetaShape;
};

/** @returns the highest titles first; of equals that with more votes, then by id */
export function rankTitles(titles: readonly TitleNumbers[], sort: TitleSort, limit: number): TitleRanking {
  const prior = fitBetaPrior(titles.map(seenOf));
  const keyOf = (title: TitleNumbers) => sortKeyOf(title, sort, prior);
  const votesOf = ({ positive }: TitleNumbers) => positive.denominator ?? 0;
  const ranked = titles
    .map((title) => ({ title, key: keyOf(title) }))
    .sort((a, b) => b.key - a.key || votesOf(b.title) - votesOf(a.title) || (a.title.contentId < b.title.contentId ? -1 : 1))
    .slice(0, limit);
  return { titles: ranked.map(({ title }) => ({ ...title, shrunken: shrunkenRate(seenOf(title), prior) })), total: titles.length, prior };
}

function seenOf({ positive: { numerator = 0, denominator = 0 } }: TitleNumbers) {
  return { successes: numerator, trials: denominator };
}

/** A ratio over nothing comes after every other. */
const last = -1;

function sortKeyOf(title: TitleNumbers, sort: TitleSort, prior: BetaShape): number {
  const { positive, views, matches, matchingPower } = title;
  switch (sort) {
    case "shrunken":
      return shrunkenMean(seenOf(title), prior);
    case "rate":
      return positive.value ?? last;
    case "votes":
      return positive.denominator ?? 0;
    case "likes":
      return positive.numerator ?? 0;
    case "views":
      return views;
    case "matches":
      return matches;
    case "matchingPower":
      return matchingPower.value ?? last;
  }
}
