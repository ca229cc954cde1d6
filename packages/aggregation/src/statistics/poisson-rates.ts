import { wilsonInterval } from "../wilson.ts";
import { twoSidedPValue } from "./normal-distribution.ts";

/** Events counted over an exposure > 0: a length of time, or anything that the count is proportional to, in the same unit on both sides. */
export type CountOverExposure = { readonly count: number; readonly exposure: number };

/** Rate of the first over rate of the second, its 95 % interval, and the two-sided p-value of the rates being equal. */
export type RateRatio = {
  /** `null` when the second counted nothing: there is nothing to divide by. */
  readonly ratio: number | null;
  readonly low: number;
  /** `null` when the second counted nothing: the ratio may be of any size. */
  readonly high: number | null;
  readonly pValue: number;
};

/**
 * The ratio of two Poisson rates. Given both counts together, the first is binomial with chance
 * `ratio * exposure1 / (ratio * exposure1 + exposure2)` (Przyborowski and Wilenski, Biometrika 31 (1940), p. 313), so an interval of that
 * chance is one of the ratio. The interval of the chance is Wilson's and the p-value that of the same score test: so the p-value is below
 * 0.05 just when 1 lies outside the interval. The exact (Clopper-Pearson) interval in place of Wilson's would be wider than 95 % takes.
 *
 * It takes events for independent. Where they come in bursts (votes of one room), true changes are less certain than this says.
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
