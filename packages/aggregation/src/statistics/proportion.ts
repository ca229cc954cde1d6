/** A number of successes in a number of trials: integers, `0 <= successes <= trials`. */
export type Proportion = { readonly successes: number; readonly trials: number };
