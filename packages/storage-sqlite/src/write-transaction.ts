import type { Database } from "better-sqlite3";

/**
 * Runs work as one write transaction.
 * Ends a transaction that a failed rollback left open first: a commit inside it would not be durable.
 */
export function inWriteTransaction<Result>(database: Database, work: () => Result): Result {
  requireWritable(database);
  if (database.inTransaction) database.exec("ROLLBACK");
  return database.transaction(work).immediate();
}

/** @throws when the store was opened read-only: a bug of the caller */
export function requireWritable(database: Database): void {
  if (database.readonly) throw new Error("this store was opened readonly");
}
