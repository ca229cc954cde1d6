import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { StoreTakenError } from "@trinity/storage/event-store";
import Sqlite, { SqliteError } from "better-sqlite3";
import { createPrivately } from "./database-file.ts";
import { withFileNamed } from "./file-access.ts";

/** Exclusive work on a data folder, and the message for other processes. */
const claims = {
  start: "another npm start, or a rebuild --from-log, works on this data folder; only one may",
  "log-writer": "another process appends to this log; only one may",
  state: "another process makes state.db at this moment",
  verifier: "another process verifies or rebuilds this data folder; only one may",
} as const;

export function folderLockPath(dataDir: string, name: keyof typeof claims): string {
  return join(dataDir, `${name}.lock`);
}

/** The lock of the process that does the work. */
export type FolderLock = { release(): void };

/**
 * Takes a lock of a data folder: an open exclusive transaction on an empty database in it. The operating system releases it however the
 * process ends; a file with a process id would stay.
 * @throws {StoreTakenError} while another process, or another holder in this one, has it
 * @throws {StoreUnavailableError} when this user cannot write the lock file
 */
export function takeFolderLock(dataDir: string, name: keyof typeof claims): FolderLock {
  const path = folderLockPath(dataDir, name);
  return withFileNamed(path, true, () => lockFile(path, name));
}

function lockFile(path: string, name: keyof typeof claims): FolderLock {
  createPrivately(path);
  // SQLite also opens a file that it cannot write, and then an exclusive transaction locks nothing.
  accessSync(path, constants.R_OK | constants.W_OK);
  const lock = new Sqlite(path, { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (!(error instanceof SqliteError) || error.code !== "SQLITE_BUSY") throw error;
    throw new StoreTakenError(claims[name], { cause: error });
  }
  return { release: () => lock.close() };
}

/**
 * Takes a data folder for one `npm start`, until it is released. It leaves the log to the ingest process that will be started, and makes sure
 * that no other has it.
 * @throws {StoreTakenError} while another `npm start` runs, or another process appends to the log
 */
export function takeStartLock(dataDir: string): FolderLock {
  const lock = takeFolderLock(dataDir, "start");
  try {
    takeFolderLock(dataDir, "log-writer").release();
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}
