import type { Database } from "better-sqlite3";

/** SQLite 3.7.0 to 3.51.2 can damage a WAL file that two connections use (sqlite.org/wal.html, "The WAL-Reset Bug"). */
const oldestSafe = "3.51.3";

/** @throws when this version of SQLite can damage files */
export function requireSafeSqlite(database: Database): void {
  const version = database.prepare("SELECT sqlite_version()").pluck().get() as string;
  if (!isSafeSqlite(version)) throw new Error(`SQLite ${version} is not safe with several connections: ${oldestSafe} or newer is needed`);
}

/** @param version such as `3.54.1` */
export function isSafeSqlite(version: string): boolean {
  return versionNumber(version) >= versionNumber(oldestSafe);
}

// Like SQLITE_VERSION_NUMBER: 3054001.
function versionNumber(version: string): number {
  return version.split(".").reduce((number, part) => number * 1000 + Number(part), 0);
}
