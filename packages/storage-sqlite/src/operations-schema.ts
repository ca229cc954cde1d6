import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** The tables of `operations.db`: what operators decided. It can be made again from nothing else. */

/** API keys with the fields of a `StoredApiKey`. */
export const apiKey = sqliteTable("api_key", {
  name: text("name").primaryKey(),
  prefix: text("prefix").notNull().unique(),
  hash: text("hash").notNull(),
  role: text("role").notNull(),
  createdAtMs: integer("created_at_ms").notNull(),
  expiresAtMs: integer("expires_at_ms"),
});
