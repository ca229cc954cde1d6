import type { Database } from "better-sqlite3";

/**
 * Runs work as one transaction that writes: all of it is committed, or nothing.
 * A transaction that a failed rollback left open is ended first: inside it a commit would only be a promise.
 */
export function inWriteTransaction<Result>(database: Database, work: () => Result): Result {
  if (database.inTransaction) database.exec("ROLLBACK");
  return database.transaction(work).immediate();
}
