import { factId } from "@trinity/events/fact-id";
import { parseEvent } from "@trinity/events/parse-event";
import { generationOf } from "./generation.ts";
import type { MappedFact, RowMapper } from "./mapped-fact.ts";
import type { RoomFacts } from "./room-facts.ts";
import { mapCacheMetadataRow } from "./rows/cache-metadata-row.ts";
import { mapConnectionRow } from "./rows/connection-row.ts";
import { mapInviteRow } from "./rows/invite-row.ts";
import { mapMatchmakingRow } from "./rows/matchmaking-row.ts";
import { mapMemberRow } from "./rows/member-row.ts";
import { mapRoomRow } from "./rows/room-row.ts";
import { mapSingleTableRow } from "./rows/single-table-row.ts";
import { mapUserRow } from "./rows/user-row.ts";
import { mapVoteRow } from "./rows/vote-row.ts";
import type { SkipReason } from "./skip-reason.ts";
import { readStreamRecord } from "./stream-record.ts";
import { type TableKind, tableKindOf } from "./table-kind.ts";
import { isTestRow } from "./test-row.ts";
import type { Generation, WireEvent } from "./wire-event.ts";

/** Either events, or the reason why there are none. */
export type MappedRecord = { readonly events: readonly WireEvent[]; readonly skipped: SkipReason | null };

export type MappingContext = {
  readonly tableName: string;
  /** The facts of the room of `roomNeedingFacts`; null if none were found. */
  readonly facts: RoomFacts | null;
  /** Whether rows of Trinity's tests are reported like others. */
  readonly keepTestRows: boolean;
};

const mapperOf: Readonly<Record<TableKind, RowMapper>> = {
  rooms: mapRoomRow,
  members: mapMemberRow,
  votes: mapVoteRow,
  "like-counters": () => "like_counter",
  invites: mapInviteRow,
  "movie-cache": () => "title_row",
  "cache-metadata": mapCacheMetadataRow,
  matchmaking: mapMatchmakingRow,
  users: mapUserRow,
  connections: mapConnectionRow,
  "single-table": mapSingleTableRow,
  silent: () => "silent_table",
};

/**
 * Maps one stream record to events. The same record always gives the same events with the same ids, so a repeat counts once.
 * Never throws, for any record.
 * @param candidate a record of the streams API or of Lambda
 */
export function mapRecord(candidate: unknown, { tableName, facts, keepTestRows }: MappingContext): MappedRecord {
  const kind = tableKindOf(tableName);
  if (kind === null) return skip("unknown_table");
  const record = readStreamRecord(candidate);
  if (record === null) return skip("unreadable_record");
  if (!keepTestRows && isTestRow(record.row)) return skip("test_row");
  const mapped = mapperOf[kind](record, facts);
  if (typeof mapped === "string") return skip(mapped);
  const generation = generationOf(kind, record.row);
  const dated = mapped.flatMap((fact) => eventOf(fact, record.atMs, generation));
  if (dated.length === 0) return skip("no_time");
  const events = dated.filter(isAccepted);
  return events.length === 0 ? skip("refused_by_catalogue") : { events, skipped: null };
}

function skip(skipped: SkipReason): MappedRecord {
  return { events: [], skipped };
}

function eventOf(fact: MappedFact, takenMs: number | null, generation: Generation | undefined): readonly WireEvent[] {
  const atMs = fact.atMs ?? takenMs;
  if (atMs === null) return [];
  const { eventType, id, userId = null, roomId = null, properties } = fact;
  const timestamp = new Date(atMs).toISOString();
  const source = generation === undefined ? ({ system: "stream" } as const) : ({ system: "stream", generation } as const);
  return [{ eventId: factId(...id), eventType, timestamp, userId, roomId, properties, context: {}, source }];
}

/** Checked here, so that an unforeseen row is counted by reason instead of being rejected by ingest. Only ingest checks the age. */
function isAccepted(event: WireEvent): boolean {
  return parseEvent(event, { nowMs: Date.parse(event.timestamp), eventAgeMaxMs: Number.POSITIVE_INFINITY }).ok;
}
