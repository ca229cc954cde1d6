import { blob, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * The tables of `log.db`. Rows are only added, by one process at a time.
 * The migrations also say STRICT and WITHOUT ROWID, which drizzle cannot: a table that is its own key's index is written once, not twice.
 */

/** One chunk. `body` is what `encodeChunk` returns; the other columns are for finding it without decoding. */
export const chunk = sqliteTable("chunk", {
  seq: integer("seq").primaryKey(),
  receivedAtMs: integer("received_at_ms").notNull(),
  events: integer("events").notNull(),
  body: blob("body", { mode: "buffer" }).notNull(),
});

/** The chunks that have events of a UTC day, with the first and last event time: the index by time. */
export const chunkDay = sqliteTable(
  "chunk_day",
  {
    day: integer("day").notNull(),
    seq: integer("seq").notNull(),
    firstMs: integer("first_ms").notNull(),
    lastMs: integer("last_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.seq] })],
);

/** How many rows `chunk_day` has per day, so that a query notices missing ones. */
export const dayTotal = sqliteTable("day_total", { day: integer("day").primaryKey(), chunks: integer("chunks").notNull() });

/** All events by key, for deduplication. Keys that begin with their time are added at the end of the tree. */
export const eventId = sqliteTable("event_id", {
  key: blob("key", { mode: "buffer" }).primaryKey(),
  seq: integer("seq").notNull(),
});

/** The last rejection of each rejected event with a usable id. The table keeps its old name. */
export const rejection = sqliteTable("refusal", {
  key: blob("key", { mode: "buffer" }).primaryKey(),
  atMs: integer("at_ms").notNull(),
  code: text("code").notNull(),
});
