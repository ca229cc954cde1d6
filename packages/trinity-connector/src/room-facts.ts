import { qualifyContentId } from "@trinity/events/content-id";
import { type Row, readImage } from "./attribute-value.ts";
import { countOf, listOf, mapOf, mediaTypeOf, seatsOf, textOf } from "./read-row.ts";
import { genresOf } from "./tmdb-genre.ts";

export type MediaType = "movie" | "tv";

/** The data about one title in the list of a room. */
type TitleFacts = {
  readonly mediaType?: MediaType | undefined;
  readonly genres?: readonly string[] | undefined;
  /** Its position in the list, from 0. */
  readonly position?: number | undefined;
  /** 1 has all genres of the room, 2 any, 3 fills up. */
  readonly priority?: number | undefined;
  readonly releaseYear?: number | undefined;
};

/** Facts that a row about a title needs and does not contain; they are looked up before. */
export type RoomFacts = {
  readonly mediaType?: MediaType | undefined;
  readonly capacity?: number | undefined;
  /** By the bare id, as in rows. */
  readonly titles: ReadonlyMap<string, TitleFacts>;
};

/**
 * @param roomImage the row of the room, from `trinity-rooms-*` or the single table; undefined if there is none
 * @param titleImages the rows of the room in `trinity-room-movie-cache-*`
 */
export function roomFactsOf(roomImage: unknown, titleImages: readonly unknown[]): RoomFacts {
  const room = readImage(roomImage) ?? new Map();
  const titles = titleImages.flatMap((image) => {
    const row = readImage(image);
    const movieId = row === null ? undefined : textOf(row, "movieId");
    return row === null || movieId === undefined ? [] : [[movieId, titleFactsOf(row)] as const];
  });
  return { mediaType: roomMediaTypeOf(room), capacity: seatsOf(room, "maxMembers"), titles: new Map(titles) };
}

/** A room has one media type; if G0's filters name both, it is unknown. */
export function roomMediaTypeOf(room: Row): MediaType | undefined {
  const filters = mapOf(room, "filters");
  const types = filters === undefined ? undefined : listOf(filters, "contentTypes");
  const only = types?.length === 1 ? types[0] : undefined;
  return mediaTypeOf(room, "mediaType") ?? (only === "movie" || only === "tv" ? only : undefined);
}

/** The known properties of a title that a row names by its number. */
export type MappedTitle = TitleFacts & { readonly contentId: string };

/**
 * @param rowMediaType of the row itself, or of its kind of row
 * @returns the reason to skip it if the number is no title, or its media type is unknown
 */
export function titleOf(
  movieId: string,
  facts: RoomFacts | null,
  rowMediaType?: MediaType,
): MappedTitle | "sentinel_title" | "unknown_media_type" {
  // The app writes a title of its media page like this.
  const [, kind, number] = /^(movie|tv)[-:](\d+)$/.exec(movieId) ?? [];
  const bareId = number ?? movieId;
  if (qualifyContentId(bareId, "movie") === null) return "sentinel_title";
  const title = facts?.titles.get(bareId);
  const mediaType = (kind as MediaType | undefined) ?? title?.mediaType ?? rowMediaType ?? facts?.mediaType;
  const contentId = qualifyContentId(bareId, mediaType);
  return contentId === null ? "unknown_media_type" : { ...title, mediaType, contentId };
}

/** G2 stores a title's attributes in the row, G3 in a map of its own. */
function titleFactsOf(row: Row): TitleFacts {
  const title = mapOf(row, "movieData") ?? row;
  const year = Number(textOf(title, "releaseDate")?.slice(0, 4));
  return {
    mediaType: mediaTypeOf(title, "mediaType"),
    genres: genresOf(listOf(title, "genreIds")),
    position: countOf(row, "sequenceIndex"),
    priority: countOf(row, "priority"),
    releaseYear: Number.isInteger(year) && year >= 1870 && year <= 2200 ? year : undefined,
  };
}
