import { statSync } from "node:fs";
import { DamagedDataError, StoreTakenError } from "@trinity/storage/event-store";
import Sqlite, { type Database, SqliteError } from "better-sqlite3";
import { readAcknowledgedHead } from "./acknowledged-head.ts";
import { digestOf } from "./chunk-digest.ts";
import { databasePath, type OpenMode, openDatabase } from "./database.ts";
import { requirePrivate } from "./database-file.ts";
import { withFileNamed } from "./file-access.ts";
import { readFoldedThrough } from "./folded-chunk.ts";
import { takeFolderLock } from "./folder-lock.ts";
import { findWalDamage } from "./wal-damage.ts";

/** A chunk that the log must hold, because something else says so. */
type Expected = { readonly seq: number; readonly digest: Uint8Array | null; readonly by: string };

/**
 * Opens `log.db` if it is the whole log: not one that lost its end, and not another one. Nothing is created or changed otherwise, because
 * what would be appended to a shorter log takes numbers that are folded already, and would never be counted.
 * @throws {DamagedDataError} with what to do
 * @throws {StoreUnavailableError} when this user cannot read or write one of the files, by its name
 */
export function openLog(dataDir: string, mode: OpenMode): Database {
  // First: SQLite gives the files that it makes beside a database the mode of the database.
  const path = databasePath(dataDir, "log");
  withFileNamed(path, false, () => requirePrivate(path));
  // Read before the log: none of them is ever ahead of it.
  const expected = expectedChunks(dataDir);
  requireFile(dataDir, expected);
  withFileNamed(path, false, () => requireSoundWal(dataDir));
  requireChunks(dataDir, expected);
  return openDatabase(dataDir, "log", mode);
}

/** On a connection that cannot write: who closes the last one that can moves the write-ahead log into the database, and the rest of it is gone. */
function requireChunks(dataDir: string, expected: readonly Expected[]): void {
  if (expected.length === 0) return;
  const path = databasePath(dataDir, "log");
  withFileNamed(path, false, () => requireChunksIn(path, expected));
}

function requireChunksIn(path: string, expected: readonly Expected[]): void {
  const log = new Sqlite(path, { readonly: true, fileMustExist: true, timeout: 2_000 });
  try {
    for (const chunk of expected) requireChunk(log, chunk);
  } catch (error) {
    if (error instanceof SqliteError && error.code === "SQLITE_ERROR") throw damagedLog("log.db is not a log", error);
    throw error;
  } finally {
    log.close();
  }
}

function expectedChunks(dataDir: string): readonly Expected[] {
  const acknowledged = readAcknowledgedHead(dataDir);
  const folded = readFoldedThrough(dataDir);
  return [
    ...(folded === null ? [] : [{ ...folded, by: "are counted" }]),
    ...(acknowledged === null ? [] : [{ ...acknowledged, by: "were acknowledged" }]),
  ];
}

function requireFile(dataDir: string, [expected]: readonly Expected[]): void {
  const path = databasePath(dataDir, "log");
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > 0) return;
  // SQLite deletes the write-ahead log of an empty database.
  const walBytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (expected !== undefined) throw damagedLog(`log.db is missing or empty, but ${expected.seq} of its commits ${expected.by}`);
  if (walBytes > 0) throw damagedLog("log.db is missing or empty, but its log.db-wal is there");
}

/** @throws {DamagedDataError} when commits in `log.db-wal` lie behind a damaged place, where SQLite does not see them */
function requireSoundWal(dataDir: string): void {
  const path = `${databasePath(dataDir, "log")}-wal`;
  if (findWalDamage(path) === null) return;
  try {
    // Who appends may have begun the file anew under our eyes: looked at once more while nobody can.
    const lock = takeFolderLock(dataDir, "log-writer");
    try {
      const frame = findWalDamage(path);
      if (frame !== null) throw damagedLog(`log.db-wal is damaged at frame ${frame}, and commits follow`);
    } finally {
      lock.release();
    }
  } catch (error) {
    if (!(error instanceof StoreTakenError)) throw error;
  }
}

function requireChunk(log: Database, { seq, digest, by }: Expected): void {
  const head = log.prepare<[], number>("SELECT coalesce(max(seq), 0) FROM chunk").pluck().get() as number;
  if (head < seq) throw damagedLog(`the log ends at commit ${head}, but ${seq} ${by}`);
  const body = log.prepare<[number], Uint8Array>("SELECT body FROM chunk WHERE seq = ?").pluck().get(seq);
  // A chunk that is missing further back is found by whoever reads it.
  if (body === undefined || digest === null || Buffer.compare(digestOf(seq, body).digest, digest) === 0) return;
  throw damagedLog(`commit ${seq} of the log is not the one that was there when ${seq} ${by}`);
}

const wayOut = "restore the newest copy of log.db with its log.db-wal, or count what is there with: npm run trinity -- rebuild --from-log";

function damagedLog(what: string, cause?: unknown): DamagedDataError {
  return new DamagedDataError(`${what}; ${wayOut}`, { cause });
}
