import type { AmountSum } from "./amount-sum.ts";

/**
 * A mergeable, subtractable histogram of non-negative integers with logarithmic bins: every value of a bin is within 0.5 % of the
 * value the bin is read as. The mapping is that of DDSketch (Masson, Rim, Lee, PVLDB 12(12), 2019, section 2.1).
 */
export const histogramRelativeError = 0.005;
const gamma = (1 + histogramRelativeError) / (1 - histogramRelativeError);
const logGamma = Math.log(gamma);

/** How many components a histogram may take: enough for every whole number that JavaScript keeps exactly. */
export const binsMax = 4096;

/** @returns the bin of a value: 0 holds only 0, bin i > 0 holds (gamma^(i-2), gamma^(i-1)] */
export function binOf(value: number): number {
  return value < 1 ? 0 : Math.ceil(Math.log(value) / logGamma - 1e-9) + 1;
}

/** @returns the value a bin is read as: within the relative error of everything in it */
export function valueOfBin(bin: number): number {
  return bin === 0 ? 0 : (2 * gamma ** (bin - 1)) / (gamma + 1);
}

/**
 * The q-quantile by nearest rank: the value at position ceil(q n) of n sorted values.
 * @param firstBin the component of bin 0; `binsMax` components from there on are its bins
 * @returns `null` for an empty histogram
 */
export function quantileOf(sum: AmountSum, firstBin: number, q: number): number | null {
  let total = 0;
  sum.forEachIn(firstBin, firstBin + binsMax, (_, amount) => {
    total += amount;
  });
  const rank = Math.max(1, Math.ceil(q * total));
  let seen = 0;
  let found: number | null = null;
  sum.forEachIn(firstBin, firstBin + binsMax, (component, amount) => {
    seen += amount;
    if (found === null && seen >= rank) found = valueOfBin(component - firstBin);
  });
  return found;
}
