import type { TableKind } from "./table-kind.ts";

/** What must be kept of a row between two looks at its table, so that the next look can tell what changed, beyond its keys. */
const rememberedByKind: Readonly<Partial<Record<TableKind, readonly string[]>>> = {
  rooms: ["status", "resultMovieId"],
  members: ["isActive", "joinedAt", "connectionStatus"],
  "cache-metadata": ["status", "cacheComplete", "createdAt"],
  matchmaking: ["status", "isActive", "joinedAt"],
  connections: ["isActive", "userId", "roomId"],
  "single-table": ["joinedAt"],
};

/** @returns null where a change or a removal of a row tells nothing: then it is enough to know that the row was there */
export function rememberedAttributesOf(kind: TableKind): readonly string[] | null {
  return rememberedByKind[kind] ?? null;
}
