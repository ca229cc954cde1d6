import { valueSeparator } from "@trinity/aggregation/cell";
import type { CellDimension } from "@trinity/aggregation/dimension";
import { text } from "./sql-text.ts";

/** A dimension without a value. */
export const unknownSql = "NULL::VARCHAR";

/** What the id of a title says; null for the ids of other sources. */
export function mediaTypeOfId(contentId: string): string {
  return `CASE WHEN starts_with(${contentId}, 'movie:') THEN 'movie' WHEN starts_with(${contentId}, 'tv:') THEN 'tv' END`;
}

/** The dimensions of an event in SQL, over the columns of `event-table.ts`. Every other dimension of an event is unknown. */
const dimensionOfEvent: Readonly<Partial<Record<CellDimension, string>>> = {
  eventType: "eventType",
  platform: "platform",
  deviceType: "deviceType",
  locale: "locale",
  appVersion: "appVersion",
  source: "source",
  ageBand: "ageBand",
  genre: "genreText",
  mediaType: "mediaType",
  releaseDecade: "(releaseYear // 10 * 10)::VARCHAR || 's'",
  contentId: "contentId",
  recommended: "recommended::VARCHAR",
  service: "service",
  route: "route",
  statusClass: "statusClass",
};

/** @returns the list of the values of a dimension that may have several; null when it is unknown. One may be there twice. */
export function valuesOf(dimension: string): string {
  return `string_split(${dimension}, ${text(valueSeparator)})`;
}

/**
 * @returns the value of a dimension as SQL: a text, of several values as `valuesOf` takes it, and null when it is unknown. Whoever takes the
 * values out of SQL names the unknown one: to do it for each event takes twice as long as to read them.
 */
export function dimensionSql(name: CellDimension): string {
  return dimensionOfEvent[name] ?? unknownSql;
}
