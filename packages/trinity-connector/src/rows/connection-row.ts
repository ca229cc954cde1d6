import type { Row } from "../attribute-value.ts";
import type { MappedFact, RowMapper } from "../mapped-fact.ts";
import { flagOf, textOf, timeOf } from "../read-row.ts";

/** `trinity-connections-*`: a row for each open connection. A ping changes nothing that is reported. */
export const mapConnectionRow: RowMapper = ({ eventName, row, before }) => {
  const connectionId = textOf(row, "connectionId");
  if (connectionId === undefined) return "missing_id";
  const isOpen = eventName !== "REMOVE" && flagOf(row, "isActive") !== false;
  const wasOpen = eventName === "REMOVE" ? flagOf(row, "isActive") !== false : before !== null && flagOf(before, "isActive") !== false;
  if (isOpen === wasOpen) return eventName === "REMOVE" ? "untold_removal" : "untold_change";
  return [changed(row, connectionId, isOpen)];
};

function changed(row: Row, connectionId: string, isOpen: boolean): MappedFact {
  const status = isOpen ? "connected" : "disconnected";
  return {
    eventType: "connection_changed",
    id: ["connection", connectionId, status],
    atMs: isOpen ? timeOf(row, "connectedAt") : undefined,
    userId: textOf(row, "userId"),
    roomId: textOf(row, "roomId"),
    properties: { status },
  };
}
