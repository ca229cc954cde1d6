import { globSync } from "node:fs";
import { join } from "node:path";
import Sqlite, { type Database, SqliteError } from "better-sqlite3";
import { databasePath } from "./database.ts";
import { fileIdentity, IncompleteStateError, isStateFileDamage, reportStateDamage, stateFileDamaged } from "./state-damage.ts";
import { attemptOn } from "./unavailable.ts";

/**
 * Checks the state file table by table, and the fold times, which no comparison of sums covers. Reports damage to the process that folds.
 * @param throttle called between two tables
 * @throws {DamagedStateError}
 */
export async function checkStateFile(dataDir: string, throttle: () => Promise<void>): Promise<void> {
  const path = databasePath(dataDir, "state");
  const identity = fileIdentity(path);
  if (identity === null) return;
  try {
    const database = new Sqlite(path, { readonly: true, fileMustExist: true });
    try {
      await checkTables(database, throttle);
      checkFoldTimes(database, globSync(join(dataDir, "verify", "catalogue-*", "kept", "state.db")));
    } finally {
      database.close();
    }
  } catch (error) {
    if (!isStateFileDamage(error)) throw error;
    reportStateDamage(dataDir, identity, error instanceof IncompleteStateError ? "certain" : "suspected");
    throw stateFileDamaged(error);
  }
}

async function checkTables(database: Database, throttle: () => Promise<void>): Promise<void> {
  // The connection is closed after the check in any case.
  const attempt = attemptOn({ file: null, reopen: () => {} });
  const tables = await attempt(() => database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all());
  for (const table of tables) {
    await attempt(() => {
      const problem = database.pragma(`integrity_check("${table.replaceAll('"', '""')}")`, { simple: true });
      if (problem !== "ok") throw new SqliteError(`${table} does not pass its check`, "SQLITE_CORRUPT");
    });
    await throttle();
  }
}

/** A shadow state needs the times of all folds, and other times give other numbers. */
function checkFoldTimes(database: Database, shadowState: readonly string[]): void {
  const query = database.prepare<[], number>("SELECT seq > coalesce((SELECT max(to_seq) FROM fold_time), 0) FROM mark").pluck();
  if (query.get() !== 0) throw new IncompleteStateError("the times of the last folds are missing");
  const differing = `SELECT count(*) FROM kept.fold_time AS kept WHERE kept.to_seq <= (SELECT seq FROM main.mark)
    AND kept.folded_at_ms <> (SELECT folded_at_ms FROM main.fold_time AS own WHERE own.to_seq >= kept.to_seq ORDER BY to_seq LIMIT 1)`;
  for (const path of shadowState) {
    const count = whereReadable(database, path, () => database.prepare<[], number>(differing).pluck().get() as number);
    if (count !== 0) throw new IncompleteStateError("fold times differ from those of the shadow state");
  }
}

/** @returns 0 when the shadow state is damaged itself: verification discards it */
function whereReadable(database: Database, path: string, count: () => number): number {
  try {
    database.prepare("ATTACH ? AS kept").run(path);
    return count();
  } catch (error) {
    if (isStateFileDamage(error)) return 0;
    throw error;
  } finally {
    database.exec("DETACH kept");
  }
}
