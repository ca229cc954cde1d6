import { wilsonInterval } from "../wilson.ts";
import { twoSidedPValue } from "./normal-distribution.ts";

/** A count of events over an exposure > 0: a duration, or another quantity to which the count is proportional, with the same unit for both rates. */
export type CountOverExposure = { readonly count: number; readonly exposure: number };

/** The first rate divided by the second, with 95 % interval and two-sided p-value. Null hypothesis: both rates are equal. */
export type RateRatio = {
  /** `null` if the second count is 0. */
  readonly ratio: number | null;
  readonly low: number;
  /** `null` if the second count is 0: the ratio has no upper bound. */
  readonly high: number | null;
  readonly pValue: number;
};

/**
 * The ratio of two Poisson rates. Given the sum of both counts, the first is binomial with probability
 * `ratio * exposure1 / (ratio * exposure1 + exposure2)` (Przyborowski and Wilenski, Biometrika 31 (1940), p. 313). So an interval of that
 * probability gives one of the ratio. The interval of the probability is Wilson's, and the p-value is that of the same score test, so the
 * p-value is below 0.05 exactly if 1 is outside the interval. The exact (Clopper-Pearson) interval would be wider than 95 % needs.
 *
 * Assumes independent events. If events are clustered (votes of one room), changes are less certain than the result says.
 */
export function rateRatio(first: CountOverExposure, second: CountOverExposure): RateRatio {
  const counted = first.count + second.count;
  const interval = wilsonInterval(first.count, counted);
  if (interval === null) return { ratio: null, low: 0, high: null, pValue: 1 };
  const ratioOf = (chance: number) => (chance / (1 - chance)) * (second.exposure / first.exposure);
  const chanceWhenEqual = first.exposure / (first.exposure + second.exposure);
  const standardError = Math.sqrt(counted * chanceWhenEqual * (1 - chanceWhenEqual));
  const unbounded = second.count === 0;
  return {
    ratio: unbounded ? null : (first.count / second.count) * (second.exposure / first.exposure),
    low: first.count === 0 ? 0 : ratioOf(interval[0]),
    high: unbounded ? null : ratioOf(interval[1]),
    pValue: twoSidedPValue((first.count - counted * chanceWhenEqual) / standardError),
  };
}
