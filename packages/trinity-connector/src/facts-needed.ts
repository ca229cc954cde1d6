import { textOf } from "./read-row.ts";
import { readStreamRecord } from "./stream-record.ts";
import { tableKindOf } from "./table-kind.ts";

/**
 * The room whose facts a record needs: votes and endings name their title by a number alone.
 * @returns null if the record needs no facts
 */
export function roomNeedingFacts(candidate: unknown, tableName: string): string | null {
  const kind = tableKindOf(tableName);
  if (kind !== "votes" && kind !== "rooms" && kind !== "single-table" && kind !== "matchmaking") return null;
  const record = readStreamRecord(candidate);
  if (record === null || record.eventName === "REMOVE") return null;
  const { eventName, row } = record;
  const roomId = textOf(row, "roomId") ?? textOf(row, "PK")?.replace(/^(ROOM|EVENT)#/, "") ?? null;
  if (kind === "votes") return eventName === "INSERT" ? roomId : null;
  if (kind === "rooms") return textOf(row, "status") === "MATCHED" ? roomId : null;
  return /^(VOTE|MATCH|CONSENSUS_REACHED)#/.test(textOf(row, "SK") ?? "") ? roomId : null;
}
