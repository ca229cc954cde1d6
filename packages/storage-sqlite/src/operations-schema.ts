import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** The tables of `operations.db`: API keys, leases and records. They cannot be derived from anything else. */

/** API keys with the fields of a `StoredApiKey`. */
export const apiKey = sqliteTable("api_key", {
  name: text("name").primaryKey(),
  prefix: text("prefix").notNull().unique(),
  hash: text("hash").notNull(),
  role: text("role").notNull(),
  createdAtMs: integer("created_at_ms").notNull(),
  expiresAtMs: integer("expires_at_ms"),
});

/** Leases by name. A released lease has no holder and stays, so that no token is used twice. */
export const lease = sqliteTable("lease", {
  name: text("name").primaryKey(),
  holder: text("holder"),
  token: integer("token").notNull(),
  expiresAtMs: integer("expires_at_ms").notNull(),
});

/** Records of lease holders, such as their progress. */
export const record = sqliteTable("record", {
  name: text("name").primaryKey(),
  value: text("value").notNull(),
});
