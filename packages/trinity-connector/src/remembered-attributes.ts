import type { TableKind } from "./table-kind.ts";

/** The attributes of a row, besides its keys, that the next poll needs to detect changes. */
const rememberedByKind: Readonly<Partial<Record<TableKind, readonly string[]>>> = {
  rooms: ["status", "resultMovieId"],
  members: ["isActive", "joinedAt", "connectionStatus"],
  "cache-metadata": ["status", "cacheComplete", "createdAt"],
  matchmaking: ["status", "isActive", "joinedAt"],
  connections: ["isActive", "userId", "roomId"],
  "single-table": ["joinedAt"],
};

/** @returns null if no change or removal of the row is reported: then its existence is enough */
export function rememberedAttributesOf(kind: TableKind): readonly string[] | null {
  return rememberedByKind[kind] ?? null;
}
