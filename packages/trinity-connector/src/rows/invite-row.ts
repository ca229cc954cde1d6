import type { RowMapper } from "../mapped-fact.ts";
import { textOf, timeOf } from "../read-row.ts";
import { inviteCreated } from "./invite-created.ts";

/** `trinity-room-invites-*`: two rows an invitation; the one under the code contains more. */
export const mapInviteRow: RowMapper = ({ eventName, row }) => {
  const sortKey = textOf(row, "SK") ?? "";
  if (sortKey.startsWith("INVITE#")) return "second_copy";
  if (sortKey !== "INVITE") return "unknown_row";
  if (eventName === "REMOVE") return "untold_removal";
  if (eventName === "MODIFY") return "untold_change";
  const code = textOf(row, "code") ?? textOf(row, "PK");
  const roomId = textOf(row, "roomId");
  if (code === undefined || roomId === undefined) return "missing_id";
  const times = { atMs: timeOf(row, "createdAt"), expiresAtMs: timeOf(row, "expiresAt") };
  return [inviteCreated({ code, roomId, userId: textOf(row, "createdBy"), ...times })];
};
