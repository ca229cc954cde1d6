/** The kind of rows in a table of Trinity. */
export type TableKind =
  | "rooms"
  | "members"
  | "votes"
  | "like-counters"
  | "invites"
  | "movie-cache"
  | "cache-metadata"
  | "matchmaking"
  | "users"
  | "connections"
  | "single-table"
  | "silent";

/** Prefixes of names; the stage and the version follow, such as `-dev-v2`. */
const kindByName: readonly (readonly [string, TableKind])[] = [
  ["trinity-rooms", "rooms"],
  ["trinity-room-members", "members"],
  ["trinity-votes", "votes"],
  ["trinity-room-matches", "like-counters"],
  ["trinity-room-invites", "invites"],
  ["trinity-room-movie-cache", "movie-cache"],
  ["trinity-room-cache-metadata", "cache-metadata"],
  ["trinity-matchmaking", "matchmaking"],
  ["trinity-users", "users"],
  ["trinity-connections", "connections"],
  ["trinity-main", "single-table"],
  ["trinity-movies-cache", "silent"],
  ["trinity-filter-cache", "silent"],
  // Messages of people to the assistant: never read.
  ["trinity-chat-sessions", "silent"],
  ["trinity-room-exclusions", "silent"],
];

/** @returns null for an unknown table */
export function tableKindOf(tableName: string): TableKind | null {
  return kindByName.find(([name]) => tableName === name || tableName.startsWith(`${name}-`))?.[1] ?? null;
}

/** Kinds whose rows make no events: their streams need not be read. */
const unmappedKinds: ReadonlySet<TableKind> = new Set(["silent", "like-counters", "movie-cache"]);

export function isMapped(kind: TableKind): boolean {
  return !unmappedKinds.has(kind);
}

/** @param arn of a stream: `arn:aws:dynamodb:eu-west-1:111122223333:table/trinity-votes-dev/stream/2026-01-01T00:00:00.000` */
export function tableNameOfStream(arn: string): string | null {
  return /:table\/([^/]+)\/stream\//.exec(arn)?.[1] ?? null;
}
