import { existsSync } from "node:fs";
import { join } from "node:path";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import Sqlite, { type Database, SqliteError } from "better-sqlite3";
import { createPrivately, requirePrivate } from "./database-file.ts";
import { withFileNamed } from "./file-access.ts";
import { hasDamagedVersions } from "./file-versions.ts";
import { isMigrated, migrate } from "./migrate.ts";
import { requireSafeSqlite } from "./sqlite-version.ts";

/** `log`: what was taken. `state`: what it adds up to. `operations`: what operators decided. */
export type DatabaseName = "log" | "state" | "operations";
/** `derivation` writes without waiting for the disk: a power cut may take the last commits of what can be made again, never half of one. */
export type OpenMode = "readwrite" | "readonly" | "shadow";

/** How long a statement waits for another connection before it fails as busy. Nothing of ours holds a write lock for longer. */
const busyTimeoutMs = 2_000;
const walBytesKept = 64 * 1024 * 1024;

export function databasePath(dataDir: string, name: DatabaseName): string {
  return join(dataDir, `${name}.db`);
}

/**
 * Opens one of the database files, unless it is only read created and migrated as needed.
 * @throws {StoreUnavailableError} when this user cannot read or write a file, by its name; in `readonly` mode also while nobody has made the
 * file, or brought it to this version's schema
 * @throws {DamagedDataError} when a newer version of this program wrote it
 * @throws {SqliteError} `SQLITE_NOTADB` also when damage of its header makes it read-only
 */
export function openDatabase(dataDir: string, name: DatabaseName, mode: OpenMode): Database {
  const path = databasePath(dataDir, name);
  return withFileNamed(path, mode !== "readonly", () => openFile(path, name, mode));
}

function openFile(path: string, name: DatabaseName, mode: OpenMode): Database {
  if (mode !== "readonly") createPrivately(path);
  else if (!existsSync(path)) throw new StoreUnavailableError(`${name}.db is not there yet`);
  requirePrivate(path);
  const database = new Sqlite(path, { readonly: mode === "readonly", fileMustExist: true, timeout: busyTimeoutMs });
  try {
    requireSafeSqlite(database);
    const migrationsFolder = join(import.meta.dirname, "..", "drizzle", name);
    if (mode !== "readonly") prepareForWriting(database, migrationsFolder, mode === "readwrite");
    else if (!isMigrated(database, migrationsFolder)) throw new StoreUnavailableError(`${name}.db waits for its migration`);
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

/** What every connection that may write needs besides WAL, which the file itself remembers. */
export function setWriterPragmas(database: Database): void {
  // Acknowledged means synced: in WAL mode better-sqlite3 is built to sync only at checkpoints.
  database.pragma("synchronous = FULL");
  // What is erased is overwritten, not only forgotten.
  database.pragma("secure_delete = ON");
  database.pragma("foreign_keys = ON");
  database.pragma(`journal_size_limit = ${walBytesKept}`);
}

/** Looks after the first write, because before it the pragma does not tell the truth. */
function requireFullSync(database: Database): void {
  const synchronous = database.pragma("synchronous", { simple: true });
  if (synchronous !== 2) throw new Error(`${database.name} does not sync its commits: synchronous is ${synchronous}`);
}
