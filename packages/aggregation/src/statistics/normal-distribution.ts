import erfc from "@stdlib/math-base-special-erfc";

/** The 0.975 quantile of the standard normal distribution: half the width of a two-sided 95 % interval, in standard errors. */
export const normalQuantile975 = 1.959963984540054;

/** @returns the probability that a standard normal variable is at least as far from 0 as `z`: the two-sided p-value of a z test */
export function twoSidedPValue(z: number): number {
  return erfc(Math.abs(z) / Math.SQRT2);
}

export function normalDensity(z: number): number {
  return Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI);
}
