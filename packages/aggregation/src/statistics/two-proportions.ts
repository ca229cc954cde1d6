import { wilsonInterval } from "../wilson.ts";
import { twoSidedPValue } from "./normal-distribution.ts";
import type { Proportion } from "./proportion.ts";

/** `first - second`, with 95 % interval and two-sided p-value. Null hypothesis: there is no difference. */
export type ProportionDifference = {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  readonly pValue: number;
};

/**
 * The difference of two independent proportions. The interval is computed from the Wilson intervals of both: R. G. Newcombe, "Interval estimation
 * for the difference between independent proportions", Statistics in Medicine 17 (1998), p. 873, method 10.
 * @returns `null` if either has no trials
 */
export function proportionDifference(first: Proportion, second: Proportion): ProportionDifference | null {
  const firstWilson = wilsonInterval(first.successes, first.trials);
  const secondWilson = wilsonInterval(second.successes, second.trials);
  if (firstWilson === null || secondWilson === null) return null;
  const [firstShare, secondShare] = [first.successes / first.trials, second.successes / second.trials];
  const difference = firstShare - secondShare;
  return {
    difference,
    low: Math.max(-1, difference - Math.hypot(firstShare - firstWilson[0], secondWilson[1] - secondShare)),
    high: Math.min(1, difference + Math.hypot(firstWilson[1] - firstShare, secondShare - secondWilson[0])),
    pValue: equalProportionsPValue(first, second),
  };
}

/**
 * The z test of two proportions with the pooled variance, without continuity correction: the square of z is Pearson's chi-squared of the
 * two-by-two table.
 * @param first at least one trial, as `second`
 * @returns the two-sided p-value; 1 if all or none succeeded
 */
export function equalProportionsPValue(first: Proportion, second: Proportion): number {
  const pooled = (first.successes + second.successes) / (first.trials + second.trials);
  if (pooled === 0 || pooled === 1) return 1;
  const standardError = Math.sqrt(pooled * (1 - pooled) * (1 / first.trials + 1 / second.trials));
  return twoSidedPValue((first.successes / first.trials - second.successes / second.trials) / standardError);
}
