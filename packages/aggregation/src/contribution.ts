import type { Dimensions } from "./dimension.ts";
import type { Amounts } from "./vector.ts";

/** What one event or entity adds to one measure: an amount, at an instant, under its dimensions. Taking it away is the same with -1. */
export type Contribution = {
  readonly measure: string;
  readonly atMs: number;
  readonly dimensions: Dimensions;
  readonly amounts: Amounts;
  /** The user, for per-user measures. */
  readonly userId?: string | null;
};
