import betainc from "@stdlib/math-base-special-betainc";
import betaincinv from "@stdlib/math-base-special-betaincinv";

/** A beta distribution with the shape parameters a, b > 0. Its mean is `a / (a + b)`; as a prior it weighs as much as `a + b` trials. */
export type BetaShape = { readonly a: number; readonly b: number };

/** The distribution function: the regularised incomplete beta function I_x(a, b) (DLMF 8.17.2). @param x in [0, 1] */
export function betaCdf(x: number, { a, b }: BetaShape): number {
  return betainc(x, a, b);
}

/** The inverse of {@link betaCdf}. @param probability in [0, 1] */
export function betaQuantile(probability: number, { a, b }: BetaShape): number {
  return betaincinv(probability, a, b);
}
