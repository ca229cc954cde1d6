import type { Tier } from "./bucket.ts";
import { clockDimensions, type DimensionName } from "./dimension.ts";
import type { CountedKind } from "./entity-kind.ts";

/** One combination of dimensions that a measure keeps rollups for. */
export type DimensionSet = {
  /** Unique over all measures: the measure and its dimensions, such as `vote/genre+mediaType`. */
  readonly name: string;
  readonly measure: string;
  readonly dimensions: readonly DimensionName[];
  /** The tiers that are kept, finest first: each tier is the sum of the one before it. */
  readonly tiers: readonly Tier[];
};

/**
 * Where contributions to a measure come from: single events, entities of some kinds, single events and entities, or the chunks of the log
 * themselves.
 */
export type MeasureOrigin = "events" | "chunks" | readonly CountedKind[] | readonly ["events", ...CountedKind[]];

/** Contributions of one kind, summed by bucket for the declared dimension sets only. */
export type Measure = {
  readonly name: string;
  readonly origin: MeasureOrigin;
  /** True if every contribution has a user. Only such a measure can be queried for a segment. */
  readonly byUser: boolean;
  readonly sets: readonly DimensionSet[];
};

export const allTiers: readonly Tier[] = ["minute", "hour", "day"];

type MeasureSettings = {
  readonly byUser?: boolean;
  /** The tiers of a set, by its dimensions; all if it is absent. */
  readonly tiers?: (dimensions: readonly DimensionName[]) => readonly Tier[];
};

/** @param combinations the dimension sets to keep, besides the one without dimensions */
export function defineMeasure(
  name: string,
  origin: MeasureOrigin,
  combinations: readonly (readonly DimensionName[])[],
  { byUser = false, tiers = () => allTiers }: MeasureSettings = {},
): Measure {
  const sets = [[], ...combinations].map((dimensions) => ({
    name: dimensions.length === 0 ? name : `${name}/${dimensions.join("+")}`,
    measure: name,
    dimensions,
    tiers: tiers(dimensions),
  }));
  return { name, origin, byUser, sets };
}

export function dimensionsOfMeasure({ sets }: Measure): readonly DimensionName[] {
  return [...new Set(sets.flatMap(({ dimensions }) => dimensions))];
}

export function dimensionsWithClock(measure: Measure): readonly DimensionName[] {
  return [...dimensionsOfMeasure(measure), ...clockDimensions];
}
