import type { Row } from "./attribute-value.ts";
import { textOf } from "./read-row.ts";
import type { TableKind } from "./table-kind.ts";
import type { Generation } from "./wire-event.ts";

/** Attributes that one generation alone writes. */
const ownAttributes: readonly (readonly [Generation, ReadonlySet<string>])[] = [
  ["G1", new Set(["lastSyncAt", "connectionStatus", "lastSeen", "reconnectionAttempts"])],
  ["G3", new Set(["movieCount", "movieData"])],
  ["G2", new Set(["filterCriteria", "contentIds", "excludedContentIds", "cacheComplete", "batchesLoaded", "version"])],
];

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const timeAndChance = /^\d{13}-[0-9a-z]+$/;

/**
 * Which generation wrote a row, as its shape shows. A room id of G3 starts with its milliseconds, one of G2 is a UUID. The ids of
 * G1 are not known, so a row of G1 without any of its own attributes counts as G2.
 * @returns undefined if nothing shows it
 */
export function generationOf(kind: TableKind, row: Row): Generation | undefined {
  if (kind === "single-table") return "G0";
  if (kind === "invites") return "G1";
  if (kind === "matchmaking") return "G2";
  if (kind === "connections") return "G3";
  if (kind === "users") return row.has("id") ? "G3" : row.has("userId") ? "G1" : undefined;
  const roomId = textOf(row, "roomId") ?? textOf(row, "PK") ?? "";
  if (timeAndChance.test(roomId)) return "G3";
  const found = ownAttributes.find(([, names]) => [...names].some((name) => row.has(name)));
  return found?.[0] ?? (uuid.test(roomId) ? "G2" : undefined);
}
