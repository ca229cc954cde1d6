import { canonicalText, type Row } from "../attribute-value.ts";
import { known, type MappedFact, type RowMapper } from "../mapped-fact.ts";
import { countOf, durationOf, flagOf, listOf, seatsOf, textOf, timeOf } from "../read-row.ts";
import { type RoomFacts, roomMediaTypeOf, titleOf } from "../room-facts.ts";
import type { SkipReason } from "../skip-reason.ts";
import type { StreamRecord } from "../stream-record.ts";
import { genresOf } from "../tmdb-genre.ts";
import { inviteCreated } from "./invite-created.ts";

/** Internal attributes of a room. */
const bookkeeping: ReadonlySet<string> = new Set(["updatedAt", "shownMovieIds", "currentMovieIndex", "lastSyncAt"]);

/** `trinity-rooms-*`. Older rows have no `SK`. */
export const mapRoomRow: RowMapper = (record, facts) => {
  const { eventName, row } = record;
  if ((textOf(row, "SK") ?? "ROOM") !== "ROOM") return "unknown_row";
  const roomId = textOf(row, "roomId") ?? textOf(row, "PK") ?? textOf(row, "id");
  if (roomId === undefined) return "missing_id";
  if (eventName === "REMOVE") return "untold_removal";
  const match = matchOf(record, roomId, facts);
  if (eventName === "INSERT") return [...creationOf(row, roomId), ...(Array.isArray(match) ? (match as readonly MappedFact[]) : [])];
  return match;
};

/** A room that is seen for the first time may have matched already: a poll shows only the current state. */
function matchOf({ eventName, row, before }: StreamRecord, roomId: string, facts: RoomFacts | null): readonly MappedFact[] | SkipReason {
  if (eventName === "MODIFY" && before !== null && isBookkeeping(before, row)) return "bookkeeping_only";
  const isMatched = (room: Row) => textOf(room, "status") === "MATCHED" && textOf(room, "resultMovieId") !== undefined;
  if (!isMatched(row) || (before !== null && isMatched(before))) return "untold_change";
  const title = titleOf(textOf(row, "resultMovieId") ?? "", facts, roomMediaTypeOf(row));
  if (typeof title === "string") return title;
  const atMs = timeOf(row, "matchedAt") ?? timeOf(row, "updatedAt");
  const { contentId, mediaType, genres } = title;
  const timeToMatchMs = durationOf(timeOf(row, "createdAt"), atMs);
  const properties = known({ contentId, mediaType, genres, capacity: seatsOf(row, "maxMembers"), timeToMatchMs });
  return [{ eventType: "match_found", id: ["match", roomId], atMs, userId: undefined, roomId, properties }];
}

function creationOf(row: Row, roomId: string): readonly MappedFact[] {
  const userId = textOf(row, "hostId");
  const atMs = timeOf(row, "createdAt");
  const name = textOf(row, "name");
  const properties = known({
    seats: seatsOf(row, "maxMembers"),
    mediaType: roomMediaTypeOf(row),
    genres: genresOf(listOf(row, "genreIds")),
    isPrivate: flagOf(row, "isPrivate"),
    // Zero means that none was prepared, not that none is shown.
    titleCount: countOf(row, "totalMovies", { min: 1 }) ?? (listOf(row, "preloadedMovies")?.length || undefined),
    nameLength: name?.length,
  });
  const created = { eventType: "room_created", id: ["room_created", roomId], atMs, userId, roomId, properties } as const;
  const code = textOf(row, "inviteCode");
  return code === undefined ? [created] : [created, inviteCreated({ code, roomId, userId, atMs, expiresAtMs: undefined })];
}

function isBookkeeping(before: Row, after: Row): boolean {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].every(
    (name) => bookkeeping.has(name) || canonicalText(before.get(name) ?? null) === canonicalText(after.get(name) ?? null),
  );
}
