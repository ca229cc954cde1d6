import type { Row } from "../attribute-value.ts";
import { known, type MappedFact, type RowMapper } from "../mapped-fact.ts";
import { listOf, mapOf, seatsOf, textOf, timeOf } from "../read-row.ts";
import { type RoomFacts, titleOf } from "../room-facts.ts";
import type { SkipReason } from "../skip-reason.ts";
import type { StreamRecord } from "../stream-record.ts";
import { membershipFactsOf } from "./member-row.ts";
import { voteFactsOf } from "./vote-row.ts";

/** All operations of this experiment are about movies (`voteForMovie`), and its rows name no other kind. */
const mediaType = "movie";

/** `trinity-matchmaking-*`: rooms, members, votes and endings in one table. Keys are not trusted: another stack defines others. */
export const mapMatchmakingRow: RowMapper = (record, facts) => {
  const { row } = record;
  const [space, keyRoom] = (textOf(row, "PK") ?? "").split(/#(.*)/s);
  const [kind, ...rest] = (textOf(row, "SK") ?? "").split("#");
  const roomId = textOf(row, "roomId") ?? (keyRoom || undefined);
  if (space === "EVENT" && kind === "CONSENSUS_REACHED") return eventRow(record, roomId, facts);
  if (space !== "ROOM") return "unknown_row";
  if (kind === "METADATA") return metadataRow(record, roomId, facts);
  if (kind === "MEMBER") return membershipFactsOf(record, { roomId, userId: textOf(row, "userId") ?? rest[0] });
  if (kind === "MOVIE_VOTES") return "like_counter";
  if (kind !== "VOTE") return "unknown_row";
  const vote = { userId: textOf(row, "userId") ?? rest[1], movieId: textOf(row, "movieId") ?? rest[0] };
  return voteFactsOf(record, facts, { roomId, ...vote, atMs: timeOf(row, "votedAt"), mediaType });
};

const hasAgreed = (room: Row) => textOf(room, "status") === "CONSENSUS_REACHED" || textOf(room, "status") === "COMPLETED";

function metadataRow(
  { eventName, row, before }: StreamRecord,
  roomId: string | undefined,
  facts: RoomFacts | null,
): readonly MappedFact[] | SkipReason {
  if (eventName === "REMOVE") return "untold_removal";
  if (roomId === undefined) return "missing_id";
  if (eventName === "INSERT") {
    const userId = textOf(row, "hostId") ?? textOf(row, "createdBy");
    const properties = known({ seats: seatsOf(row, "maxPlayers"), mediaType, nameLength: textOf(row, "name")?.length });
    return [{ eventType: "room_created", id: ["room_created", roomId], atMs: timeOf(row, "createdAt"), userId, roomId, properties }];
  }
  // Later states keep the title that won.
  if (!hasAgreed(row) || (before !== null && hasAgreed(before))) return "untold_change";
  return consensus(roomId, textOf(row, "currentMovieId"), timeOf(row, "updatedAt"), undefined, facts);
}

function eventRow(
  { eventName, row }: StreamRecord,
  roomId: string | undefined,
  facts: RoomFacts | null,
): readonly MappedFact[] | SkipReason {
  if (eventName !== "INSERT") return eventName === "REMOVE" ? "untold_removal" : "untold_change";
  const data = consensusDataOf(row);
  const atMs = timeOf(row, "publishedAt") ?? data.atMs;
  return consensus(roomId, textOf(row, "movieId") ?? data.movieId, atMs, data.participants, facts);
}

/** Reported twice, by the room's row and by the event's, under one id. */
function consensus(
  roomId: string | undefined,
  movieId: string | undefined,
  atMs: number | undefined,
  participants: number | undefined,
  facts: RoomFacts | null,
): readonly MappedFact[] | SkipReason {
  if (roomId === undefined || movieId === undefined) return "missing_id";
  const title = titleOf(movieId, facts, mediaType);
  if (typeof title === "string") return title;
  const { contentId, genres } = title;
  const properties = known({ contentId, mediaType: title.mediaType, genres, consensusType: "unanimous", participants });
  return [{ eventType: "consensus_achieved", id: ["consensus_achieved", roomId], atMs, userId: undefined, roomId, properties }];
}

type ConsensusData = {
  readonly movieId?: string | undefined;
  readonly participants?: number | undefined;
  readonly atMs?: number | undefined;
};

/** JSON in a text, or a map. Of the participants only their number is read. */
function consensusDataOf(row: Row): ConsensusData {
  const map = mapOf(row, "consensusData");
  if (map !== undefined) {
    return { movieId: textOf(map, "movieId"), participants: listOf(map, "participants")?.length, atMs: timeOf(map, "consensusReachedAt") };
  }
  const { movieId, participants, consensusReachedAt } = parsedObject(textOf(row, "consensusData"));
  return {
    movieId: typeof movieId === "string" || typeof movieId === "number" ? String(movieId) : undefined,
    participants: Array.isArray(participants) ? participants.length : undefined,
    atMs: timeOf(new Map([["at", typeof consensusReachedAt === "string" ? consensusReachedAt : null]]), "at"),
  };
}

function parsedObject(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text ?? "null");
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
