import type { Row } from "../attribute-value.ts";
import { idPartOf, known, type MappedFact, type RowMapper } from "../mapped-fact.ts";
import { countOf, flagOf, textOf, timeOf } from "../read-row.ts";
import type { SkipReason } from "../skip-reason.ts";
import type { StreamRecord } from "../stream-record.ts";

export type Membership = { readonly roomId: string | undefined; readonly userId: string | undefined };

/** `trinity-room-members-*`. */
export const mapMemberRow: RowMapper = (record) =>
  membershipFactsOf(record, { roomId: textOf(record.row, "roomId"), userId: textOf(record.row, "userId") });

/** The facts of a changed membership, in any table. */
export function membershipFactsOf(record: StreamRecord, { roomId, userId }: Membership): readonly MappedFact[] | SkipReason {
  if (roomId === undefined || userId === undefined) return "missing_id";
  const about = { roomId, userId };
  const { eventName, row, before } = record;
  if (eventName === "REMOVE") return flagOf(row, "isActive") === false ? "untold_removal" : [leave(record, about)];
  if (eventName === "INSERT") return isHost(row) ? "host_seat" : [join(record, about, false)];

  const isActive = flagOf(row, "isActive") !== false;
  const wasActive = before === null ? null : flagOf(before, "isActive") !== false;
  const moved = isActive && wasActive !== null && (!wasActive || joinedAtOf(row) !== joinedAtOf(before));
  const facts = [
    ...(!isActive && wasActive !== false ? [leave(record, about)] : []),
    ...(moved ? [join(record, about, true)] : []),
    ...connectionOf(record, about),
  ];
  return facts.length === 0 ? "untold_change" : facts;
}

type MemberOfRoom = { readonly roomId: string; readonly userId: string };

function join({ row, before, atMs: takenMs }: StreamRecord, { roomId, userId }: MemberOfRoom, rejoin: boolean): MappedFact {
  const atMs = timeOf(row, "joinedAt");
  // A member who becomes active again without a new `joinedAt` rejoins at the time of the record.
  const isSameJoin = rejoin && joinedAtOf(row) === joinedAtOf(before);
  const properties = known({ role: isHost(row) ? "host" : textOf(row, "role") === undefined ? undefined : "member", rejoin });
  const id = ["join", roomId, userId, isSameJoin ? idPartOf(takenMs) : joinedAtOf(row)] as const;
  return { eventType: "join_room", id, atMs: isSameJoin ? undefined : atMs, userId, roomId, properties };
}

/** One departure a stay: a row that is set inactive and then deleted reports it once. */
function leave({ row, byTimeToLive }: StreamRecord, { roomId, userId }: MemberOfRoom): MappedFact {
  const id = ["leave", roomId, userId, joinedAtOf(row)] as const;
  const properties = known({ method: byTimeToLive ? "cleanup" : undefined });
  return { eventType: "leave_room", id, atMs: undefined, userId, roomId, properties };
}

const statuses: ReadonlySet<string> = new Set(["connected", "disconnected", "reconnected", "reconnecting"]);

/** G1 stores the connection status in the member row. */
function connectionOf({ row, before, atMs: takenMs }: StreamRecord, { roomId, userId }: MemberOfRoom): readonly MappedFact[] {
  const status = textOf(row, "connectionStatus")?.toLowerCase();
  if (before === null || status === undefined || !statuses.has(status)) return [];
  if (textOf(before, "connectionStatus")?.toLowerCase() === status) return [];
  const atMs = timeOf(row, "lastSeen");
  const id = ["connection", roomId, userId, status, idPartOf(atMs ?? takenMs)] as const;
  const properties = known({ status, attempts: countOf(row, "reconnectionAttempts") });
  return [{ eventType: "connection_changed", id, atMs, userId, roomId, properties }];
}

/** G0 calls the host the creator. */
function isHost(row: Row): boolean {
  return ["host", "creator"].includes(textOf(row, "role")?.toLowerCase() ?? "");
}

/** The same instant in any format is the same component of an id. */
function joinedAtOf(row: Row | null): string {
  if (row === null) return "";
  const ms = timeOf(row, "joinedAt");
  return ms === undefined ? (textOf(row, "joinedAt") ?? "") : idPartOf(ms);
}
