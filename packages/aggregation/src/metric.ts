import type { Calculation } from "./calculations/calculation.ts";
import type { DimensionName } from "./dimension.ts";
import type { Measure } from "./measure.ts";

/** What a metric reveals: `people` distinguishes users, `aggregate` sums over them, `system` is about machines. */
type MetricPrivacy = "people" | "aggregate" | "system";

/** One metric. All code that computes, shows or explains it is derived from this declaration. */
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
  /** The definition, in sentences that a product manager can check. */
  readonly definition: string;
  readonly privacy: MetricPrivacy;
  readonly calculation: Calculation;
  /** True if the measure includes projected values, such as open rooms that will be abandoned: the number counts up to the present minute. */
  readonly isProvisional?: boolean;
};

export function measuresOfMetric({ calculation }: Metric): readonly Measure[] {
  return calculation.measures;
}

/** @returns the dimensions a metric can be broken down and filtered by */
export function dimensionsOfMetric({ calculation }: Metric): readonly DimensionName[] {
  return calculation.dimensions;
}
