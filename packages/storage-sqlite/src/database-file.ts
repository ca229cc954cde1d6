import { closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { StoreUnavailableError } from "@trinity/storage/event-store";

/** Creates an empty file that only its owner may read, unless there is one. SQLite gives the files beside it (-wal, -shm) the same mode. */
export function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    // Never opens an existing file: closing any descriptor of a file drops the locks that SQLite has on it in this process.
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** @throws {StoreUnavailableError} when every user may read or write a database file, for example after a careless restore */
export function requirePrivate(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & 0o007) === 0) continue;
    const name = basename(file);
    throw new StoreUnavailableError(`${name} is open to every user of this machine; in the data folder: chmod o= ${name}`);
  }
}
