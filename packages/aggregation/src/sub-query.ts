import { type Tier, tierMs } from "./bucket.ts";
import type { DimensionName } from "./dimension.ts";
import type { DimensionSet, Measure } from "./measure.ts";
import type { Filter } from "./metric-query.ts";
import { joinTimeRanges, lengthOf, type TimeRange } from "./time-range.ts";

/** The time that one value counts: `[countFromMs, countToMs)`. */
export type CountWindow = { readonly countFromMs: number; readonly countToMs: number };

/** One measure that a metric needs counted, by dimensions and for windows. Most metrics need just one. */
export type SubQuery<Name extends string = string> = {
  /** Unique within its metric: finds what was counted for it. */
  readonly name: Name;
  /** Whether to read amounts, or only which users there are. */
  readonly reads: "amounts" | "users";
  readonly measure: Measure;
  /** Of amounts: only components below it are read; all if it is absent. */
  readonly componentsBelow?: number;
  readonly by: readonly DimensionName[];
  readonly filters: readonly Filter[];
  /** In order of time. Windows of amounts do not overlap. */
  readonly windows: readonly CountWindow[];
  readonly total: CountWindow;
};

/** A range that is read from one tier. */
export type TierRange = TimeRange & { readonly tier: Tier };

export type RollupSource = {
  readonly kind: "rollups";
  readonly set: DimensionSet;
  readonly ranges: readonly TierRange[];
  /** What no kept cell gives exactly, and the log does: ascending, disjoint, and empty for most sub-queries. */
  readonly gaps: readonly TimeRange[];
  /** The only values to read, if the query names them. */
  readonly values?: readonly string[];
};

/** A sub-query and where it is read from. */
export type SubQueryPlan<Name extends string = string> = SubQuery<Name> & {
  /** Every instant at which a window begins or ends, ascending. Between two of them all facts count in the same windows. */
  readonly boundaries: readonly number[];
  /** The cells of one dimension set, and the log in their gaps; only the log if no cell helps. */
  readonly source: RollupSource | { readonly kind: "log" };
};

/** @returns the ranges of which facts of the log count: ascending, disjoint, none empty */
export function logRangesOf({ source, boundaries }: SubQueryPlan): readonly TimeRange[] {
  if (source.kind === "rollups") return source.gaps;
  return joinTimeRanges([{ fromMs: boundaries[0] as number, toMs: boundaries.at(-1) as number }]);
}

/**
 * The log of so short a time is read event by event: once for all numbers, and with the entities that its events belong to. It is what a range
 * with odd ends and the start of its window take from three hours at most.
 */
export const shortLogMs = 3 * tierMs.hour;

/** Whether cells give all but gaps, which are short. */
export function hasShortGaps({ source }: SubQueryPlan): boolean {
  return source.kind === "rollups" && source.gaps.length > 0 && lengthOf(source.gaps) <= shortLogMs;
}

/** Whether cells give one part and entities another: if an entity changed between the reads, it could count twice or not at all. */
export function mixesEntities({ source, measure: { origin } }: SubQueryPlan): boolean {
  return source.kind === "rollups" && source.gaps.length > 0 && typeof origin !== "string";
}

export function readsLog({ source }: SubQueryPlan): boolean {
  return source.kind === "log" || source.gaps.length > 0;
}
