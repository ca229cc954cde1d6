import { blob, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * The tables of `log.db`: what was taken, in the order it was taken. Rows are only ever added, by one process at a time.
 * The migrations also say STRICT and WITHOUT ROWID, which drizzle cannot: a table that is its own key's index is written once, not twice.
 */

/** One commit of the log. `body` is the whole chunk, as `encodeChunk` makes it; the other columns are for finding it unread. */
export const chunk = sqliteTable("chunk", {
  seq: integer("seq").primaryKey(),
  receivedAtMs: integer("received_at_ms").notNull(),
  events: integer("events").notNull(),
  body: blob("body", { mode: "buffer" }).notNull(),
});

/** Which chunks hold events of which UTC day, and between which instants of it: how a range of time is found in the log. */
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

/** How many rows `chunk_day` has of each day, so that a question notices when some are missing. */
export const dayTotal = sqliteTable("day_total", { day: integer("day").primaryKey(), chunks: integer("chunks").notNull() });

/** Every event ever taken, by key: what makes it count once. Keys that begin with their time are added at the end of the tree. */
export const eventId = sqliteTable("event_id", {
  key: blob("key", { mode: "buffer" }).primaryKey(),
  seq: integer("seq").notNull(),
});

/** The last refusal of each event that was refused and had a usable id. */
export const rejection = sqliteTable("refusal", {
  key: blob("key", { mode: "buffer" }).primaryKey(),
  atMs: integer("at_ms").notNull(),
  code: text("code").notNull(),
});
