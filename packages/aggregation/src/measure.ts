import type { Tier } from "./bucket.ts";
import { type CellDimension, clockDimensions, type DimensionName, isDimensionName } from "./dimension.ts";

/** One combination of dimensions that a measure keeps rollups for. */
export type DimensionSet = {
  /** Unique over all measures: the measure and its dimensions, such as `vote/genre+mediaType`. */
  readonly name: string;
  readonly measure: string;
  readonly dimensions: readonly CellDimension[];
  /** The tiers that are kept, finest first: each tier is the sum of the one before it. */
  readonly tiers: readonly Tier[];
};

/** Kinds of entities that contribute to measures themselves; a room member counts through its room. */
export type CountedKind = "user" | "session" | "inferredSession" | "room" | "title" | "roomTitle" | "observation" | "stream";

/**
 * Where contributions to a measure come from: single events, entities of some kinds, single events and entities, or the chunks of the log
 * themselves.
 */
export type MeasureOrigin = "events" | "chunks" | readonly CountedKind[] | readonly ["events", ...CountedKind[]];

/**
 * Events, chunks and rooms are found by their time. Other entities are found only by the events of a short range.
 * @returns whether less is read of the origin if less time is asked for
 */
export function isReadByTime(origin: MeasureOrigin): boolean {
  return typeof origin === "string" || origin.some((kind) => kind === "events" || kind === "room");
}

/**
 * What is counted: contributions of one kind, kept by bucket for the dimension sets that the product asks for, never the full cube.
 * Stores lay out cells by the traits (`perUser` to `subject`) and never by the name of a measure.
 */
export type Measure = {
  readonly name: string;
  readonly origin: MeasureOrigin;
  readonly sets: readonly DimensionSet[];
  /** Contributions name their user, so the measure can be asked for a segment of users. */
  readonly perUser: boolean;
  /**
   * What a component of a cell is. `users`: the number of a user, so that cells give distinct users and grow with their number. `amounts`: one
   * of a fixed number of sums, such as likes or the bins of a histogram.
   */
  readonly components: "amounts" | "users";
  /** Amounts may be negative, so a bucket can become empty although contributions were only added. */
  readonly signed: boolean;
  /** Measures of the system itself (`system`) are stored apart from those of people, rooms and titles (`product`). */
  readonly subject: "product" | "system";
};

export const allTiers: readonly Tier[] = ["minute", "hour", "day"];

type MeasureSettings = Partial<Pick<Measure, "perUser" | "components" | "signed" | "subject">> & {
  /** The tiers of a set, by its dimensions; all if it is absent. */
  readonly tiers?: (dimensions: readonly CellDimension[]) => readonly Tier[];
  /** Whether the set without dimensions is kept too; it is if this is absent. */
  readonly total?: boolean;
};

/** @param combinations the dimension sets to keep, besides the total, which has no dimensions */
export function defineMeasure(
  name: string,
  origin: MeasureOrigin,
  combinations: readonly (readonly CellDimension[])[],
  {
    tiers = () => allTiers,
    total = true,
    perUser = false,
    components = "amounts",
    signed = false,
    subject = "product",
  }: MeasureSettings = {},
): Measure {
  const sets = [...(total ? [[]] : []), ...combinations].map((dimensions) => ({
    name: dimensions.length === 0 ? name : `${name}/${dimensions.join("+")}`,
    measure: name,
    dimensions,
    tiers: tiers(dimensions),
  }));
  return { name, origin, sets, perUser, components, signed, subject };
}

/** @returns the dimensions that questions can name */
export function dimensionsOfMeasure({ sets }: Measure): readonly DimensionName[] {
  return [...new Set(sets.flatMap(({ dimensions }) => dimensions.filter(isDimensionName)))];
}

export function dimensionsWithClock(measure: Measure): readonly DimensionName[] {
  return [...dimensionsOfMeasure(measure), ...clockDimensions];
}
