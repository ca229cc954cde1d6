import { blob, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * The tables of `state.db`: what the log adds up to as far as the mark. All of it can be made again from the log.
 * The migrations also say STRICT and WITHOUT ROWID, which drizzle cannot: a table that is its own key's index is written once, not twice.
 */

/** How far the log is folded: one row, with the fields of a `Watermark`. */
export const watermark = sqliteTable("mark", {
  id: integer("id").primaryKey(),
  seq: integer("seq").notNull(),
  revision: integer("revision").notNull(),
  users: integer("users").notNull(),
  minutesFromMs: integer("minutes_from_ms").notNull(),
});

/**
 * The chunk of the log that the fold ended with: at most one row, written with the watermark. Its digest tells another log, or one that was
 * rolled back and has grown again.
 */
export const foldedChunk = sqliteTable("folded_chunk", {
  id: integer("id").primaryKey(),
  seq: integer("seq").notNull(),
  /** SHA-256 of the body, and a checksum of the row. */
  digest: blob("digest", { mode: "buffer" }).notNull(),
});

/** Entities as JSON. */
export const entity = sqliteTable(
  "entity",
  { kind: text("kind").notNull(), key: text("key").notNull(), value: text("value").notNull() },
  (table) => [primaryKey({ columns: [table.kind, table.key] })],
);

/** Names of dimension sets by the small numbers that stand for them in `cell`. */
export const cellSet = sqliteTable("cell_set", { id: integer("id").primaryKey(), name: text("name").notNull().unique() });

/** Cells, a row a shard of the vector. `tier` is its rank in the order of cells. */
export const cell = sqliteTable(
  "cell",
  {
    setId: integer("set_id")
      .notNull()
      .references(() => cellSet.id),
    tier: integer("tier").notNull(),
    bucketMs: integer("bucket_ms").notNull(),
    value: text("value").notNull(),
    shard: integer("shard").notNull(),
    vector: blob("vector", { mode: "buffer" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.setId, table.tier, table.bucketMs, table.value, table.shard] })],
);

/** Which chunks of the log hold events of which user, session and room. */
export const logIndex = sqliteTable(
  "log_index",
  { kind: text("kind").notNull(), key: text("key").notNull(), seq: integer("seq").notNull() },
  (table) => [primaryKey({ columns: [table.kind, table.key, table.seq] })],
);

/** When the stretch of the log that ends with a chunk was folded. */
export const foldTime = sqliteTable("fold_time", { toSeq: integer("to_seq").primaryKey(), foldedAtMs: integer("folded_at_ms").notNull() });

/**
 * Buckets that have cells, or were repaired, and what is known of each: pending while `checked_at_ms` is null. The newest lie together,
 * because every fold writes there.
 */
export const bucket = sqliteTable(
  "bucket",
  {
    tier: integer("tier").notNull(),
    bucketMs: integer("bucket_ms").notNull(),
    setId: integer("set_id")
      .notNull()
      .references(() => cellSet.id),
    /** The revision of the mark that changed it last. */
    revision: integer("revision").notNull(),
    checkedAtMs: integer("checked_at_ms"),
    repairedAtMs: integer("repaired_at_ms"),
  },
  (table) => [primaryKey({ columns: [table.tier, table.bucketMs, table.setId] })],
);

/** The audit of repairs: `part` is the JSON of a `StateRowKey`. */
export const repair = sqliteTable("repair", {
  id: integer("id").primaryKey(),
  atMs: integer("at_ms").notNull(),
  part: text("part").notNull(),
  stored: text("stored"),
  derived: text("derived"),
});

/** One row: the last cycle of verification, absent values before the first, and before when buckets are frozen. */
export const verification = sqliteTable("verification", {
  id: integer("id").primaryKey(),
  frozenBeforeMs: integer("frozen_before_ms").notNull(),
  finishedAtMs: integer("finished_at_ms"),
  throughSeq: integer("through_seq"),
  unresolved: integer("unsettled"),
});
