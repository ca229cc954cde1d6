import type { Row } from "../attribute-value.ts";
import { known, type MappedFact, type RowMapper } from "../mapped-fact.ts";
import { listOf, mapOf, mediaTypeOf, textOf, timeOf } from "../read-row.ts";
import { type RoomFacts, roomMediaTypeOf, titleOf } from "../room-facts.ts";
import type { SkipReason } from "../skip-reason.ts";
import type { StreamRecord } from "../stream-record.ts";
import { genresOf } from "../tmdb-genre.ts";
import { inviteCreated } from "./invite-created.ts";
import { membershipFactsOf } from "./member-row.ts";
import { registrationOf } from "./user-row.ts";
import { voteFactsOf } from "./vote-row.ts";

/** G0's `trinity-main`: every entity under a prefix of its own. Titles, templates, themes, schedules and settings make no events. */
export const mapSingleTableRow: RowMapper = (record, facts) => {
  const { row } = record;
  const [space, id] = (textOf(row, "PK") ?? "").split(/#(.*)/s);
  const [kind, ...rest] = (textOf(row, "SK") ?? "").split("#");
  if (space === "USER" && kind === "PROFILE") return registrationOf(record, id || undefined);
  if (space !== "ROOM") return "unknown_row";
  if (!id) return "missing_id";
  if (kind === "METADATA") return roomRow(record, id);
  if (kind === "MEMBER") return memberRow(record, id, rest[0]);
  if (kind === "MATCH") return matchRow(record, id, rest[0], facts);
  if (kind !== "VOTE") return "unknown_row";
  const vote = { userId: textOf(row, "userId") ?? rest[0], movieId: textOf(row, "mediaId") ?? rest[1] };
  return voteFactsOf(record, facts, { roomId: id, ...vote, atMs: timeOf(row, "timestamp") ?? timeOf(row, "createdAt") });
};

function roomRow({ eventName, row }: StreamRecord, roomId: string): readonly MappedFact[] | SkipReason {
  if (eventName === "REMOVE") return "untold_removal";
  if (eventName === "MODIFY") return "untold_change";
  const userId = textOf(row, "creatorId") ?? textOf(row, "hostId");
  const atMs = timeOf(row, "createdAt");
  const filters = mapOf(row, "filters");
  const properties = known({
    mediaType: roomMediaTypeOf(row),
    genres: filters === undefined ? undefined : genresOf(listOf(filters, "genres")),
    titleCount: listOf(row, "masterList")?.length || undefined,
    nameLength: textOf(row, "name")?.length,
  });
  const created = { eventType: "room_created", id: ["room_created", roomId], atMs, userId, roomId, properties } as const;
  const code = textOf(row, "inviteCode");
  return code === undefined ? [created] : [created, inviteCreated({ code, roomId, userId, atMs, expiresAtMs: undefined })];
}

/** `status` inactive means silent for half an hour: only a deleted row is a departure. */
function memberRow(record: StreamRecord, roomId: string, keyUser: string | undefined): readonly MappedFact[] | SkipReason {
  return membershipFactsOf(record, { roomId, userId: textOf(record.row, "userId") ?? keyUser });
}

/** A room of G0 may match repeatedly. */
function matchRow(
  { eventName, row }: StreamRecord,
  roomId: string,
  keyMovie: string | undefined,
  facts: RoomFacts | null,
): readonly MappedFact[] | SkipReason {
  if (eventName !== "INSERT") return eventName === "REMOVE" ? "untold_removal" : "untold_change";
  const movieId = textOf(row, "mediaId") ?? keyMovie;
  if (movieId === undefined) return "missing_id";
  const details: Row = mapOf(row, "mediaDetails") ?? new Map();
  const title = titleOf(movieId, facts, mediaTypeOf(details, "mediaType"));
  if (typeof title === "string") return title;
  const { contentId, mediaType } = title;
  const genres = title.genres ?? genresOf(listOf(details, "genres"));
  const properties = known({ contentId, mediaType, genres, members: listOf(row, "participants")?.length });
  return [
    {
      eventType: "match_found",
      id: ["match", roomId, title.contentId],
      atMs: timeOf(row, "createdAt"),
      userId: undefined,
      roomId,
      properties,
    },
  ];
}
