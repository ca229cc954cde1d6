import type { Database } from "better-sqlite3";

/**
 * Runs work as one transaction that writes: all of it is committed, or nothing.
 * A transaction that a failed rollback left open is ended first: inside it a commit would only be a promise.
 */
export function inWriteTransaction<Result>(database: Database, work: () => Result): Result {
  requireWritable(database);
  if (database.inTransaction) database.exec("ROLLBACK");
  return database.transaction(work).immediate();
}

/** @throws when the store was opened to read: a mistake of the caller, which waiting does not mend */
export function requireWritable(database: Database): void {
  if (database.readonly) throw new Error("this store was opened readonly");
}
