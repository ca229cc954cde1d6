import type { Database } from "better-sqlite3";
import { readMigrationFiles } from "drizzle-orm/migrator";

/**
 * Brings a database to the newest schema. Everything happens in one transaction that also moves `user_version`, so a process that dies
 * half way leaves the old schema, and of two that start at once the second finds the work done. (drizzle's own migrator reads what is
 * done before it begins its transaction.)
 * @param migrationsFolder written by drizzle-kit
 */
export function migrate(database: Database, migrationsFolder: string): void {
  const migrations = readMigrationFiles({ migrationsFolder });
  database
    .transaction(() => {
      const done = versionOf(database);
      if (done > migrations.length) throw new Error(`${database.name} was written by a newer version of this program`);
      for (const { sql } of migrations.slice(done)) for (const statement of sql) database.exec(statement);
      // Written also when nothing is new: the pragmas of a connection only show their real values after its first write.
      database.pragma(`user_version = ${migrations.length}`);
    })
    .immediate();
}

/** @returns whether every migration has been applied, and no unknown one */
export function isMigrated(database: Database, migrationsFolder: string): boolean {
  return versionOf(database) === readMigrationFiles({ migrationsFolder }).length;
}

function versionOf(database: Database): number {
  return database.pragma("user_version", { simple: true }) as number;
}
