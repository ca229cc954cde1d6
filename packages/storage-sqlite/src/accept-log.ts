import { copyFileSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { DamagedDataError } from "@trinity/storage/event-store";
import Sqlite, { type Database, SqliteError } from "better-sqlite3";
import { acknowledgedHeadPath } from "./acknowledged-head.ts";
import { databasePath, openDatabase } from "./database.ts";
import { withFileNamed } from "./file-access.ts";
import { takeFolderLock } from "./folder-lock.ts";

/** Where the set-aside files are now: a folder inside the data folder. */
export type AcceptedLog = { readonly setAsideIn: string; readonly commits: number };

/**
 * Accepts the existing log. Sets aside the files that contradict it and all derived state, so that the fold begins at the first commit.
 * Nothing is deleted. If it is stopped half way, the log is refused as before, and the next call goes on.
 * @param nowMs names the folder
 * @throws {StoreUnavailableError} while `npm start` runs, or another process appends or verifies
 * @throws {DamagedDataError} when the log cannot be read from its first commit to its last: nothing was changed
 */
export function acceptLog(dataDir: string, nowMs: number): AcceptedLog {
  const locks = new DisposableStack();
  const setAsideIn = `set-aside-${new Date(nowMs).toISOString().replaceAll(":", "-")}`;
  const setAside = (from: string, name: string, put: (from: string, to: string) => void) => {
    if (!existsSync(from)) return;
    mkdirSync(join(dataDir, setAsideIn), { recursive: true, mode: 0o700 });
    put(from, join(dataDir, setAsideIn, name));
  };
  try {
    for (const name of ["start", "log-writer", "verifier"] as const) {
      const lock = takeFolderLock(dataDir, name);
      locks.defer(() => lock.release());
    }
    const log = databasePath(dataDir, "log");
    requireReadable(log);
    // SQLite checkpoints the readable frames and deletes the rest.
    setAside(`${log}-wal`, "log.db-wal", copyFileSync);
    const commits = readableCommits(dataDir);
    setAside(join(dataDir, "verify"), "verify", renameSync);
    for (const end of ["", "-wal", "-shm"]) setAside(`${databasePath(dataDir, "state")}${end}`, `state.db${end}`, renameSync);
    setAside(acknowledgedHeadPath(dataDir), "log.head", renameSync);
    return { setAsideIn, commits };
  } finally {
    locks.dispose();
  }
}

/** Checks the log on a read-only connection, so that a refused log stays unchanged, with its write-ahead log. */
function requireReadable(path: string): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  withFileNamed(path, false, () => {
    readCommits(() => new Sqlite(path, { readonly: true, fileMustExist: true }));
  });
}

/** Creates a log if there is none. @returns how many commits it has */
function readableCommits(dataDir: string): number {
  return readCommits(() => openDatabase(dataDir, "log", "readwrite"));
}

function readCommits(open: () => Database): number {
  let log: Database | null = null;
  try {
    log = open();
    requireSoundPages(log);
    const { first, last, count } = log
      .prepare<[], { first: number; last: number; count: number }>(
        "SELECT coalesce(min(seq), 1) AS first, coalesce(max(seq), 0) AS last, count(*) AS count FROM chunk",
      )
      .get() as { first: number; last: number; count: number };
    if (first !== 1 || count !== last) {
      throw new DamagedDataError("the log does not hold every commit from the first to its last; restore log.db from a copy");
    }
    return count;
  } catch (error) {
    if (error instanceof SqliteError && /^SQLITE_(CORRUPT|NOTADB)(_|$)/.test(error.code)) throw damagedInside(error);
    throw error;
  } finally {
    log?.close();
  }
}

function requireSoundPages(log: Database): void {
  const found = log.prepare<[], string>("PRAGMA quick_check(1)").pluck().get();
  if (found !== "ok") throw damagedInside();
}

function damagedInside(cause?: unknown): DamagedDataError {
  return new DamagedDataError("log.db is damaged inside; restore it from a copy", { cause });
}
