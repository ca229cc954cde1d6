import { existsSync } from "node:fs";
import { join } from "node:path";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import Sqlite, { type Database, SqliteError } from "better-sqlite3";
import { createPrivately, requirePrivate } from "./database-file.ts";
import { withFileNamed } from "./file-access.ts";
import { hasDamagedVersions } from "./file-versions.ts";
import { isReadable, migrate } from "./migrate.ts";
import { requireSafeSqlite } from "./sqlite-version.ts";

/** `log`: the chunks. `state`: the derived state. `operations`: API keys, leases and records. */
export type DatabaseName = "log" | "state" | "operations";
/** `shadow` writes without a sync: a power cut may lose its last commits, which can be folded again, but never half of one. */
export type OpenMode = "readwrite" | "readonly" | "shadow";

/** How long a statement waits for another connection before it fails as busy. No transaction of ours takes longer. */
const busyTimeoutMs = 2_000;
const walBytesKept = 64 * 1024 * 1024;

export function databasePath(dataDir: string, name: DatabaseName): string {
  return join(dataDir, `${name}.db`);
}

/** Written by drizzle-kit. */
export function migrationsFolderOf(name: DatabaseName): string {
  return join(import.meta.dirname, "..", "drizzle", name);
}

/**
 * Opens a database file; creates and migrates it unless the mode is `readonly`.
 * @throws {StoreUnavailableError} when this user cannot read or write a file; in `readonly` mode also while the file is missing or
 * waits for a migration that readers need
 * @throws {DamagedDataError} when a newer version of this program wrote it
 * @throws {SqliteError} `SQLITE_NOTADB` also when a damaged header makes it read-only
 */
export function openDatabase(dataDir: string, name: DatabaseName, mode: OpenMode): Database {
  const path = databasePath(dataDir, name);
  return withFileNamed(path, mode !== "readonly", () => openFile(path, name, mode));
}

/** @returns what is made of an opened database; a failure closes it */
export function closedOnFailure<Made>(database: Database, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    database.close();
    throw error;
  }
}

function openFile(path: string, name: DatabaseName, mode: OpenMode): Database {
  if (mode !== "readonly") createPrivately(path);
  else if (!existsSync(path)) throw new StoreUnavailableError(`${name}.db is not there yet`);
  requirePrivate(path);
  const database = new Sqlite(path, { readonly: mode === "readonly", fileMustExist: true, timeout: busyTimeoutMs });
  try {
    requireSafeSqlite(database);
    const migrationsFolder = migrationsFolderOf(name);
    if (mode !== "readonly") prepareForWriting(database, migrationsFolder, mode === "readwrite");
    else if (!isReadable(database, migrationsFolder)) throw new StoreUnavailableError(`${name}.db waits for its migration`);
    return database;
  } catch (error) {
    database.close();
    if (mode !== "readonly" && error instanceof SqliteError && error.code === "SQLITE_READONLY" && hasDamagedVersions(path)) {
      throw new SqliteError("the header of the file is damaged", "SQLITE_NOTADB");
    }
    throw error;
  }
}

function prepareForWriting(database: Database, migrationsFolder: string, syncsCommits: boolean): void {
  database.pragma("journal_mode = WAL");
  setWriterPragmas(database);
  migrate(database, migrationsFolder);
  if (syncsCommits) requireFullSync(database);
  else database.pragma("synchronous = NORMAL");
}

/** Settings of every connection that can write. WAL mode is stored in the file. */
export function setWriterPragmas(database: Database): void {
  // Acknowledged means synced; by default better-sqlite3 syncs only at checkpoints in WAL mode.
  database.pragma("synchronous = FULL");
  // Deleted data is overwritten.
  database.pragma("secure_delete = ON");
  database.pragma("foreign_keys = ON");
  database.pragma(`journal_size_limit = ${walBytesKept}`);
}

/** Checks after the first write, because the pragma is not reliable before. */
function requireFullSync(database: Database): void {
  const synchronous = database.pragma("synchronous", { simple: true });
  if (synchronous !== 2) throw new Error(`${database.name} does not sync its commits: synchronous is ${synchronous}`);
}
