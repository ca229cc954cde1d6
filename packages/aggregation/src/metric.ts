import { clockDimensions, type DimensionName } from "./dimension.ts";
import type { Measure } from "./measure.ts";

/** Who a number is about: `people` are told apart in it, `aggregate` sums over them, `system` is about machines. */
export type MetricPrivacy = "people" | "aggregate" | "system";

/** How a number is read off the vector of its measure. The lists are components, whose amounts are summed. */
export type Reading =
  | { readonly kind: "count"; readonly components: readonly number[] }
  | {
      readonly kind: "ratio";
      readonly numerator: readonly number[];
      readonly denominator: readonly number[];
      /** True when the numerator counts some of what the denominator counts: only then there is a 95 % interval. */
      readonly proportion: boolean;
    }
  /** `perMs`: how many of the measure's units make a millisecond. */
  | { readonly kind: "duration"; readonly count: number; readonly sum: number; readonly bin0: number; readonly perMs: number }
  | { readonly kind: "distinct" };

/** One number that can be asked for. Everything that shows it, computes it or explains it is derived from this. */
export type Metric = {
  readonly name: string;
  readonly unit:
    | "1"
    | "ratio"
    | "ms"
    | "users"
    | "events"
    | "sessions"
    | "rooms"
    | "votes"
    | "requests"
    | "matches"
    | "titles"
    | "events/session";
  /** The definition, in a sentence that a product manager can check. */
  readonly definition: string;
  readonly privacy: MetricPrivacy;
  readonly measure: Measure;
  readonly reading: Reading;
  /** True when the measure holds what will be unless something happens first: such a number counts only up to the present minute. */
  readonly settlesAhead?: boolean;
};

/** @returns the dimensions a metric can be broken down and filtered by */
export function dimensionsOfMetric(metric: Metric): readonly DimensionName[] {
  const stored = new Set(metric.measure.sets.flatMap((set) => set.dimensions));
  return [...stored, ...clockDimensions];
}
