/** So many of so many: integers, `0 <= successes <= trials`. */
export type Proportion = { readonly successes: number; readonly trials: number };
