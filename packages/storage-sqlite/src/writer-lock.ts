import { join } from "node:path";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import Sqlite, { SqliteError } from "better-sqlite3";
import { createPrivately } from "./database-file.ts";

/** Held by the one process that may append to the log. */
export type WriterLock = { release(): void };

/**
 * Takes the lock of a log: an exclusive transaction on an empty database beside it, held open. It is a lock of the operating system,
 * so it goes when the process does, however that dies; a file with a process id in it would stay.
 * @throws {StoreUnavailableError} while another process, or another store in this one, holds it
 */
export function takeWriterLock(dataDir: string): WriterLock {
  const path = join(dataDir, "log-writer.lock");
  createPrivately(path);
  const lock = new Sqlite(path, { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (!(error instanceof SqliteError) || error.code !== "SQLITE_BUSY") throw error;
    throw new StoreUnavailableError("another process appends to this log; only one may", { cause: error });
  }
  return { release: () => lock.close() };
}
