/** Dimensions to break down and filter by. */
export const dimensionNames = [
  "eventType",
  "platform",
  "deviceType",
  "locale",
  "appVersion",
  "source",
  "ageBand",
  "favouriteGenre",
  "genre",
  "mediaType",
  "releaseDecade",
  "contentId",
  "recommended",
  "roomSize",
  "ending",
  "service",
  "route",
  "statusClass",
  "resource",
  "outcome",
  "reason",
  "hourOfDay",
  "weekday",
] as const;
export type DimensionName = (typeof dimensionNames)[number];

/** Dimensions of cells. By `roomId` cells list rooms by time, and no question can name it. */
export type CellDimension = DimensionName | "roomId";

export function isDimensionName(name: CellDimension): name is DimensionName {
  return name !== "roomId";
}

/** Dimensions of the clock, computed from the start of a bucket and never stored. */
export const clockDimensions: ReadonlySet<DimensionName> = new Set(["hourOfDay", "weekday"]);

/** Dimensions of which one fact may have several values. It counts once under each, so their values sum to more than the total. */
export const multiValued: ReadonlySet<CellDimension> = new Set(["genre"]);

/** Dimensions with very many values: stores keep the cells of their sets apart, so that other questions do not read them. */
export const highCardinality: ReadonlySet<string> = new Set<CellDimension>(["contentId", "route", "roomId"]);

/**
 * Dimensions of which facts have few combinations of values: those of a client, and those by which few titles differ. Facts are added up by
 * the combinations of one family, because those of several families are nearly as many as the facts.
 */
const families = {
  eventType: "client",
  platform: "client",
  deviceType: "client",
  locale: "client",
  appVersion: "client",
  source: "client",
  ageBand: "client",
  genre: "title",
  mediaType: "title",
  releaseDecade: "title",
} as const satisfies Partial<Record<CellDimension, string>>;

/** @returns the family of a dimension; any other dimension is one by itself */
export function familyOf(name: CellDimension): string {
  return name in families ? families[name as keyof typeof families] : name;
}

/** The value of a fact without one, so that the values sum to the total. */
export const unknownValue = "unknown";

/** The dimensions of one fact. An absent one reads as `unknown`. */
export type Dimensions = Readonly<Partial<Record<CellDimension, string | readonly string[]>>>;

const unknownValues = [unknownValue];

/** @returns the values a fact counts under: one, or several for a multi-valued dimension; never none */
export function valuesOf(dimensions: Dimensions, name: CellDimension): readonly string[] {
  const value = dimensions[name];
  if (value === undefined) return unknownValues;
  if (typeof value === "string") return [value];
  return value.length === 0 ? unknownValues : value;
}
