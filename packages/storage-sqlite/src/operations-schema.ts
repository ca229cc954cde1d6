import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** The tables of `operations.db`: what operators decided, and who does what at the moment. It can be made again from nothing else. */

/** API keys with the fields of a `StoredApiKey`. */
export const apiKey = sqliteTable("api_key", {
  name: text("name").primaryKey(),
  prefix: text("prefix").notNull().unique(),
  hash: text("hash").notNull(),
  role: text("role").notNull(),
  createdAtMs: integer("created_at_ms").notNull(),
  expiresAtMs: integer("expires_at_ms"),
});

/** Leases by name. One that was given back has no holder, and stays: its token must not be given a second time. */
export const lease = sqliteTable("lease", {
  name: text("name").primaryKey(),
  holder: text("holder"),
  token: integer("token").notNull(),
  expiresAtMs: integer("expires_at_ms").notNull(),
});

/** What holders of leases wrote down, such as how far they have got. */
export const record = sqliteTable("record", {
  name: text("name").primaryKey(),
  value: text("value").notNull(),
});
