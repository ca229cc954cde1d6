import type { AmountSum } from "../amount-sum.ts";

/** Components of a vector whose amounts are summed; `all` is everything in it. */
export type Components = readonly number[] | "all";

export function totalOf(sum: AmountSum, components: Components): number {
  return components === "all" ? sum.total() : components.reduce((total, component) => total + sum.at(component), 0);
}

/** @returns the first component after all of these: readers decode no further */
export function componentAfter(components: Components): number {
  return components === "all" ? Number.POSITIVE_INFINITY : Math.max(...components) + 1;
}
