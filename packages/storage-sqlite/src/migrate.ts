import { basename } from "node:path";
import { DamagedDataError } from "@trinity/storage/event-store";
import { type Database, SqliteError } from "better-sqlite3";
import { readMigrationFiles } from "drizzle-orm/migrator";

/** `application_id` is this plus the version, which distinguishes a version with flipped bits from one that a program wrote. */
const applicationIdBase = 0x54_52_49_00;

/**
 * Migrates a database to the newest schema, in one transaction that also moves `user_version`. A killed process leaves the old schema, and of
 * two that start at once the second has nothing to do. (drizzle's migrator reads the version before its transaction.)
 * @param migrationsFolder written by drizzle-kit
 * @throws {DamagedDataError} when a newer version of this program wrote it
 * @throws {SqliteError} `SQLITE_NOTADB` when its version is damaged
 */
export function migrate(database: Database, migrationsFolder: string): void {
  const migrations = readMigrationFiles({ migrationsFolder });
  database
    .transaction(() => {
      const done = versionOf(database, migrations.length);
      for (const { sql } of migrations.slice(done)) for (const statement of sql) database.exec(statement);
      // Written even without a migration: the pragmas of a connection show their real values only after its first write.
      database.pragma(`user_version = ${migrations.length}`);
      database.pragma(`application_id = ${applicationIdBase + migrations.length}`);
    })
    .immediate();
}

/** The first line of a migration that only deletes rows which readers ignore. */
const notForReaders = "-- Readers need not wait for it.";

/** @returns whether every migration that readers need has been applied @throws as `migrate` */
export function isReadable(database: Database, migrationsFolder: string): boolean {
  const migrations = readMigrationFiles({ migrationsFolder });
  const missing = migrations.slice(versionOf(database, migrations.length));
  return missing.every(({ sql }) => sql[0]?.startsWith(notForReaders));
}

function versionOf(database: Database, known: number): number {
  const version = database.pragma("user_version", { simple: true }) as number;
  const applicationId = database.pragma("application_id", { simple: true }) as number;
  // Older files have no application id, and none of the later versions.
  const isWritten = applicationId === 0 ? version <= known : applicationId === applicationIdBase + version;
  if (!isWritten) throw new SqliteError("the file has a version that no program wrote", "SQLITE_NOTADB");
  if (version > known) throw newerThanThis(basename(database.name));
  return version;
}

function newerThanThis(file: string): DamagedDataError {
  const orElse = file === "state.db" ? ", or move state.db out of the data folder to have it made anew from the log" : "";
  return new DamagedDataError(`${file} was written by a newer version of this program; start that version${orElse}`);
}
