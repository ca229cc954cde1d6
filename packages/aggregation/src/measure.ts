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

/** What is counted: contributions of one kind, kept by bucket for the dimension sets that the product asks for. Never the whole cube. */
export type Measure = {
  readonly name: string;
  readonly origin: MeasureOrigin;
  /** True when every contribution is somebody's: only then can it be asked for a segment of users. */
  readonly byUser: boolean;
  readonly sets: readonly DimensionSet[];
};

export const allTiers: readonly Tier[] = ["minute", "hour", "day"];

type MeasureSettings = {
  readonly byUser?: boolean;
  /** Which tiers a set is kept in, by its dimensions; all of them where this is silent. */
  readonly tiers?: (dimensions: readonly DimensionName[]) => readonly Tier[];
};

/** @param combinations the dimension sets to keep; the whole (no dimension) is always among them */
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
