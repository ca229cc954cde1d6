import type { Tier } from "./bucket.ts";
import type { DimensionName } from "./dimension.ts";
import type { DimensionSet, Measure } from "./measure.ts";
import type { Filter } from "./metric-query.ts";

/** What is counted for one bucket of an answer: facts in `[countFromMs, countToMs)`. */
export type CountWindow = { readonly countFromMs: number; readonly countToMs: number };

/** One thing that an answer needs to be counted: a measure by some dimensions, for some stretches of time. Most answers need just one. */
export type SubQuery = {
  /** Whether amounts are wanted, or only which users there are. */
  readonly reads: "amounts" | "users";
  readonly measure: Measure;
  /** Of amounts: only components below are wanted; all of them where it is absent. */
  readonly componentsBelow?: number;
  readonly by: readonly DimensionName[];
  readonly filters: readonly Filter[];
  /** In order of time; those of amounts do not overlap. */
  readonly windows: readonly CountWindow[];
  readonly total: CountWindow;
};

/** A stretch of time to be read from one tier. */
export type TierRange = { readonly tier: Tier; readonly fromMs: number; readonly toMs: number };

export type RollupSource = {
  readonly kind: "rollups";
  readonly set: DimensionSet;
  readonly ranges: readonly TierRange[];
  /** The only values that matter, where the question names them. */
  readonly values?: readonly string[];
};

/** A part with the way to it. */
export type SubQueryPlan = SubQuery & {
  /** Every instant at which a span begins or ends, ascending: between two of them all facts count in the same spans. */
  readonly boundaries: readonly number[];
  /** Where the numbers come from: cells of one dimension set, or the log where no set and tier covers the question. */
  readonly source: RollupSource | { readonly kind: "log" };
};
