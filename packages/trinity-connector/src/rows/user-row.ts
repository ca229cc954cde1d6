import type { RowMapper } from "../mapped-fact.ts";
import { textOf, timeOf } from "../read-row.ts";
import type { StreamRecord } from "../stream-record.ts";

/** `trinity-users-*`: empty so far. G1 and G3 use different names for the id. Everything else in the row identifies a person. */
export const mapUserRow: RowMapper = (record) => registrationOf(record, textOf(record.row, "id") ?? textOf(record.row, "userId"));

export function registrationOf({ eventName, row }: StreamRecord, userId: string | undefined): ReturnType<RowMapper> {
  if (eventName === "REMOVE") return "untold_removal";
  if (eventName === "MODIFY") return "untold_change";
  if (userId === undefined) return "missing_id";
  const atMs = timeOf(row, "createdAt");
  return [{ eventType: "user_registered", id: ["user_registered", userId], atMs, userId, roomId: undefined, properties: {} }];
}
