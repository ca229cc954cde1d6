import { blob, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * The tables of `state.db`: the derived state up to the watermark. All but fold times and audit can be derived again from the log.
 * The migrations also say STRICT and WITHOUT ROWID, which drizzle cannot: a table that is its own key's index is written once, not twice.
 */

/** The `Watermark`: one row. The table keeps its old name. */
export const watermark = sqliteTable("mark", {
  id: integer("id").primaryKey(),
  seq: integer("seq").notNull(),
  revision: integer("revision").notNull(),
  users: integer("users").notNull(),
  minutesFromMs: integer("minutes_from_ms").notNull(),
});

/**
 * The last folded chunk: at most one row, written with the watermark. Its digest detects another log, or one that was rolled back and has
 * grown again.
 */
export const foldedChunk = sqliteTable("folded_chunk", {
  id: integer("id").primaryKey(),
  seq: integer("seq").notNull(),
  /** SHA-256 of the body, and a checksum of the row. */
  digest: blob("digest", { mode: "buffer" }).notNull(),
});

/** Entities as compact JSON; those that older releases wrote, as JSON. */
export const entity = sqliteTable(
  "entity",
  { kind: text("kind").notNull(), key: text("key").notNull(), value: blob("value", { mode: "buffer" }).notNull() },
  (table) => [primaryKey({ columns: [table.kind, table.key] })],
);

/** Names of dimension sets by their ids in `cell`. */
export const cellSet = sqliteTable("cell_set", { id: integer("id").primaryKey(), name: text("name").notNull().unique() });

/** Cells, one row per shard of the vector. `tier` is its rank in the order of cells. */
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

/** Index rows: the chunks that have events of a user. */
export const logIndex = sqliteTable(
  "log_index",
  { kind: text("kind").notNull(), key: text("key").notNull(), seq: integer("seq").notNull() },
  (table) => [primaryKey({ columns: [table.kind, table.key, table.seq] })],
);

/** The time of each fold, by its last chunk. */
export const foldTime = sqliteTable("fold_time", { toSeq: integer("to_seq").primaryKey(), foldedAtMs: integer("folded_at_ms").notNull() });

/**
 * The status of buckets that have cells or were repaired: pending while `checked_at_ms` is null. Ordered by time, because every fold writes
 * the newest ones.
 */
export const bucket = sqliteTable(
  "bucket",
  {
    tier: integer("tier").notNull(),
    bucketMs: integer("bucket_ms").notNull(),
    setId: integer("set_id")
      .notNull()
      .references(() => cellSet.id),
    /** The revision that changed it last. */
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

/** One row: the last verification cycle (null before the first), and the instant before which buckets are frozen. */
export const verification = sqliteTable("verification", {
  id: integer("id").primaryKey(),
  frozenBeforeMs: integer("frozen_before_ms").notNull(),
  finishedAtMs: integer("finished_at_ms"),
  throughSeq: integer("through_seq"),
  unresolved: integer("unsettled"),
  /** The JSON of their buckets. */
  unresolvedBuckets: text("unsettled_buckets"),
});
