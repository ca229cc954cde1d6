import type { Row } from "../attribute-value.ts";
import { idPartOf, known, type MappedFact, type RowMapper } from "../mapped-fact.ts";
import { countOf, flagOf, textOf, timeOf } from "../read-row.ts";

type Ending = readonly [eventType: "cache_expired" | "cache_cleaned", reason: "status" | "age" | "removed"];

/** The end of a list, by the status of a row that still exists. */
const endingByStatus: Readonly<Record<string, Ending>> = {
  EXPIRED: ["cache_expired", "status"],
  CLEANUP: ["cache_cleaned", "status"],
};

/** `trinity-room-cache-metadata-*`, in its three shapes: lists in batches, lists of fifty, and G3's with a status. */
export const mapCacheMetadataRow: RowMapper = (record) => {
  const { eventName, row, before, byTimeToLive } = record;
  const roomId = textOf(row, "roomId");
  if (roomId === undefined) return "missing_id";
  const status = statusOf(row);
  const ending = Object.hasOwn(endingByStatus, status) ? endingByStatus[status] : undefined;
  if (eventName === "REMOVE") {
    // If the end was reported when the status changed, this is the same end, under the same id.
    const [eventType, reason] = ending ?? (byTimeToLive ? (["cache_expired", "age"] as const) : (["cache_cleaned", "removed"] as const));
    return [mapped(eventType, row, roomId, undefined, { reason })];
  }
  if (before !== null && statusOf(before) === status && isComplete(before) === isComplete(row)) return "untold_change";
  const changedMs = eventName === "INSERT" ? timeOf(row, "createdAt") : timeOf(row, "updatedAt");
  if (ending !== undefined) return [mapped(ending[0], row, roomId, changedMs, { reason: ending[1] })];
  const titleCount = countOf(row, "totalMovies", { min: 1 }) ?? countOf(row, "movieCount", { min: 1 });
  if (status === "ERROR") return [mapped("cache_failed", row, roomId, changedMs, { titleCount })];
  return isComplete(row) ? [mapped("cache_built", row, roomId, changedMs, { titleCount })] : "unfinished_list";
};

const statusOf = (row: Row) => textOf(row, "status") ?? "";

/** Lists in batches never record that they are complete: they are served from the first batch on. */
function isComplete(row: Row): boolean {
  return statusOf(row) === "READY" || (statusOf(row) === "ACTIVE" && flagOf(row, "cacheComplete") !== false);
}

function mapped(
  eventType: string,
  row: Row,
  roomId: string,
  atMs: number | undefined,
  properties: Readonly<Record<string, string | number | undefined>>,
): MappedFact {
  const kind = eventType === "cache_built" ? "cache" : eventType;
  const id = [kind, roomId, idPartOf(timeOf(row, "createdAt"))] as const;
  return { eventType, id, atMs, userId: undefined, roomId, properties: known(properties) };
}
