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

/** A chunk that the log must have according to another file. */
type Expected = { readonly seq: number; readonly digest: Uint8Array | null; readonly by: string };

/**
 * Opens `log.db` if it is complete and the same log as before. Otherwise it creates and changes nothing: events appended to a shorter log would
 * get chunk numbers that are already folded, and never count.
 * @throws {DamagedDataError} with instructions
 * @throws {StoreUnavailableError} when this user cannot read or write one of the files
 */
export function openLog(dataDir: string, mode: OpenMode): Database {
  // First, because SQLite gives the files beside a database the same mode.
  const path = databasePath(dataDir, "log");
  withFileNamed(path, false, () => requirePrivate(path));
  // Read before the log, because none of them is ever ahead of it.
  const expected = expectedChunks(dataDir);
  requireFile(dataDir, expected);
  withFileNamed(path, false, () => requireSoundWal(dataDir));
  requireChunks(dataDir, expected);
  return openDatabase(dataDir, "log", mode);
}

/** On a read-only connection: closing the last writable one checkpoints the write-ahead log and deletes unreadable frames. */
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

/** @throws {DamagedDataError} when commits in `log.db-wal` follow a damaged frame, where SQLite ignores them */
function requireSoundWal(dataDir: string): void {
  const path = `${databasePath(dataDir, "log")}-wal`;
  if (findWalDamage(path) === null) return;
  try {
    // The writer may have restarted the file meanwhile: check once more under a lock.
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
  // A missing earlier chunk is noticed when it is read.
  if (body === undefined || digest === null || Buffer.compare(digestOf(seq, body).digest, digest) === 0) return;
  throw damagedLog(`commit ${seq} of the log is not the one that was there when ${seq} ${by}`);
}

const wayOut = "restore the newest copy of log.db with its log.db-wal, or count what is there with: npm run trinity -- rebuild --from-log";

function damagedLog(what: string, cause?: unknown): DamagedDataError {
  return new DamagedDataError(`${what}; ${wayOut}`, { cause });
}
