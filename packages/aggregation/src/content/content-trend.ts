import { falseDiscoveryAdjusted } from "../statistics/false-discovery.ts";
import { type RateRatio, rateRatio } from "../statistics/poisson-rates.ts";
import { type ProportionDifference, proportionDifference } from "../statistics/two-proportions.ts";

/** Votes of a period and the likes among them. */
export type VoteCount = { readonly likes: number; readonly votes: number };

/** What votes on one thing were in a period and in the one before. */
export type VoteHistory = { readonly key: string; readonly now: VoteCount; readonly before: VoteCount };

export type ContentTrend = VoteHistory & {
  /** Of the positive rates, now less before; `null` where one of the periods has no vote. */
  readonly rateChange: (ProportionDifference & { readonly adjustedPValue: number }) | null;
  /** Of the votes by time, now over before. */
  readonly volumeChange: RateRatio & { readonly adjustedPValue: number };
};

/**
 * How rates and volumes changed, that first of which either is least likely to be chance. P-values are adjusted (Benjamini and Hochberg) over
 * all histories, for rates and for volumes apart.
 * @param nowMs length of the period, as far as it has passed; > 0
 * @param beforeMs length of the one before; > 0
 */
export function compareVoteHistories(histories: readonly VoteHistory[], nowMs: number, beforeMs: number): readonly ContentTrend[] {
  const rates = histories.map(({ now, before }) =>
    proportionDifference({ successes: now.likes, trials: now.votes }, { successes: before.likes, trials: before.votes }),
  );
  const volumes = histories.map(({ now, before }) =>
    rateRatio({ count: now.votes, exposure: nowMs }, { count: before.votes, exposure: beforeMs }),
  );
  const tested = rates.flatMap((rate, i) => (rate === null ? [] : [{ i, pValue: rate.pValue }]));
  const ratePs = new Map(falseDiscoveryAdjusted(tested.map(({ pValue }) => pValue)).map((p, at) => [tested[at]?.i, p]));
  const volumePs = falseDiscoveryAdjusted(volumes.map(({ pValue }) => pValue));
  return histories
    .map((history, i) => {
      const rate = rates[i] ?? null;
      return {
        ...history,
        rateChange: rate === null ? null : { ...rate, adjustedPValue: ratePs.get(i) as number },
        volumeChange: { ...(volumes[i] as RateRatio), adjustedPValue: volumePs[i] as number },
      };
    })
    .sort((a, b) => leastChance(a) - leastChance(b) || b.now.votes - a.now.votes || (a.key < b.key ? -1 : 1));
}

function leastChance({ rateChange, volumeChange }: ContentTrend): number {
  return Math.min(rateChange?.adjustedPValue ?? 1, volumeChange.adjustedPValue);
}
