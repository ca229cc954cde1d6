import { clockDimensions, type DimensionName } from "./dimension.ts";
import type { Measure } from "./measure.ts";
import type { Filter } from "./metric-query.ts";

/** Who a number is about: `people` are told apart in it, `aggregate` sums over them, `system` is about machines. */
export type MetricPrivacy = "people" | "aggregate" | "system";

/** Components of a vector whose amounts are summed; `all` is everything in it. */
export type Components = readonly number[] | "all";

/** A whole number that is read off one measure: a sum of amounts, or how many distinct users there are. */
export type Quantity = {
  readonly measure: Measure;
  readonly calculation: { readonly kind: "count"; readonly components: Components } | { readonly kind: "distinct" };
  /** Keeps facts of the measure besides what the question keeps. */
  readonly filters?: readonly Filter[];
  /** Of distinct users: how many days, ending with the bucket, are counted together; 1 where absent. */
  readonly windowDays?: 1 | 7 | 30;
};

/** How a number is read off what its measures counted. */
export type Calculation =
  | { readonly kind: "count"; readonly components: Components }
  | {
      readonly kind: "ratio";
      readonly numerator: readonly number[];
      readonly denominator: readonly number[];
      /** True when the numerator counts some of what the denominator counts: only then there is a 95 % interval. */
      readonly proportion: boolean;
    }
  /** `perUnit`: how many of the measure's units make one of the metric's. */
  | { readonly kind: "distribution"; readonly count: number; readonly sum: number; readonly bin0: number; readonly perUnit: number }
  | { readonly kind: "distinct" }
  /** Two quantities of the same bucket, or of each day of it, added up. */
  | { readonly kind: "quotient"; readonly numerator: Quantity; readonly denominator: Quantity; readonly of: "bucket" | "days" }
  /** Users by whether they were active in the bucket and in the period before; `firsts` says who is new. */
  | { readonly kind: "lifecycle"; readonly stage: LifecycleStage; readonly firsts: Measure }
  /** The highest level that changes (`measure`, by the minute of the day) reach; `balance` holds them summed by the day. */
  | { readonly kind: "peak"; readonly balance: Measure }
  /** The satisfaction score of rooms. */
  | { readonly kind: "satisfaction" };

export type LifecycleStage = "returning" | "resurrected" | "dormant";

/** One number that can be asked for. Everything that shows it, computes it or explains it is derived from this. */
export type Metric = {
  readonly name: string;
  readonly unit:
    | "1"
    | "ratio"
    | "ms"
    | "score"
    | "users"
    | "events"
    | "sessions"
    | "rooms"
    | "votes"
    | "views"
    | "requests"
    | "matches"
    | "titles"
    | "events/session"
    | "votes/user"
    | "rooms/user"
    | "matches/user"
    | "votes/match"
    | "votes/member";
  /** The definition, in a sentence that a product manager can check. */
  readonly definition: string;
  readonly privacy: MetricPrivacy;
  /** What is counted; where a reading names further measures, what the number is mainly about. */
  readonly measure: Measure;
  readonly calculation: Calculation;
  /** True when the measure holds what will be unless something happens first: such a number counts only up to the present minute. */
  readonly isProvisional?: boolean;
};

/** @returns every measure that a metric is read off */
export function measuresOfMetric({ measure, calculation }: Metric): readonly Measure[] {
  switch (calculation.kind) {
    case "quotient":
      return [calculation.numerator.measure, calculation.denominator.measure];
    case "lifecycle":
      return [measure, calculation.firsts];
    case "peak":
      return [measure, calculation.balance];
    default:
      return [measure];
  }
}

/** @returns the dimensions a metric can be broken down and filtered by */
export function dimensionsOfMetric(metric: Metric): readonly DimensionName[] {
  const { measure, calculation } = metric;
  const stored = storedDimensions(measure);
  // What is open is open over many hours.
  if (calculation.kind === "peak") return stored;
  if (calculation.kind !== "quotient") return [...stored, ...clockDimensions];
  const shared = new Set(storedDimensions(calculation.denominator.measure));
  return [...storedDimensions(calculation.numerator.measure).filter((name) => shared.has(name)), ...clockDimensions];
}

function storedDimensions({ sets }: Measure): readonly DimensionName[] {
  return [...new Set(sets.flatMap(({ dimensions }) => dimensions))];
}
