import type { CellDimension } from "@trinity/aggregation/dimension";
import { unknownValue } from "@trinity/aggregation/dimension";
import { text } from "./sql-text.ts";

const orUnknown = (sql: string) => `coalesce(${sql}, ${text(unknownValue)})`;

/** @returns the values of the dimension genre, from the genres that an event lists. One may be there twice: to look for it in all lists takes long. */
export function genresOf(genres: string): string {
  return `if(len(${genres}) > 0, ${genres}, [${text(unknownValue)}])`;
}

/** What the id of a title says; null for the ids of other sources. */
export function mediaTypeOfId(contentId: string): string {
  return `CASE WHEN starts_with(${contentId}, 'movie:') THEN 'movie' WHEN starts_with(${contentId}, 'tv:') THEN 'tv' END`;
}

/** The dimensions of an event in SQL, over the columns of `event-table.ts`. Every other dimension of an event is unknown. */
const dimensionOfEvent: Readonly<Partial<Record<CellDimension, string>>> = {
  eventType: "eventType",
  platform: orUnknown("platform"),
  deviceType: orUnknown("deviceType"),
  locale: orUnknown("locale"),
  appVersion: orUnknown("appVersion"),
  source: "source",
  ageBand: orUnknown("ageBand"),
  genre: genresOf("genres"),
  mediaType: orUnknown(`coalesce(mediaType, ${mediaTypeOfId("contentId")})`),
  releaseDecade: orUnknown("(releaseYear // 10 * 10)::VARCHAR || 's'"),
  contentId: orUnknown("contentId"),
  recommended: orUnknown("recommended::VARCHAR"),
  service: orUnknown("service"),
  route: orUnknown("route"),
  statusClass: orUnknown("statusClass"),
};

export function dimensionSql(name: CellDimension): string {
  return dimensionOfEvent[name] ?? text(unknownValue);
}
