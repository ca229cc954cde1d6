import { globSync } from "node:fs";
import { join } from "node:path";
import { type Database, SqliteError } from "better-sqlite3";
import { databasePath, openDatabase } from "./database.ts";
import { certaintyOf, fileIdentity, IncompleteStateError, reportStateDamage, stateFileDamaged } from "./state-damage.ts";
import { requireStateSchema } from "./state-file-schema.ts";
import { attemptOn } from "./unavailable.ts";

/**
 * Checks the state file table by table, and the fold times, which no comparison of sums covers. Reports damage to the process that folds.
 * @param throttle called between two tables
 * @throws {DamagedStateError}
 */
export async function checkStateFile(dataDir: string, throttle: () => Promise<void>): Promise<void> {
  const identity = fileIdentity(databasePath(dataDir, "state"));
  if (identity === null) return;
  try {
    const database = openDatabase(dataDir, "state", "readonly");
    try {
      requireStateSchema(database);
      await checkTables(database, throttle);
      checkFoldTimes(database, globSync(join(dataDir, "verify", "catalogue-*", "kept", "state.db")));
    } finally {
      database.close();
    }
  } catch (error) {
    const certainty = certaintyOf(error);
    if (certainty === null) throw error;
    reportStateDamage(dataDir, identity, certainty);
    throw stateFileDamaged(error);
  }
}

async function checkTables(database: Database, throttle: () => Promise<void>): Promise<void> {
  // The connection is closed after the check in any case.
  const attempt = attemptOn({ file: null, reopen: () => {} });
  const tables = await attempt(() => database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all());
  // The check of the schema includes the list of free pages.
  for (const table of ["sqlite_schema", ...tables]) {
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
    try {
      return count();
    } finally {
      database.exec("DETACH kept");
    }
  } catch (error) {
    if (certaintyOf(error) !== null) return 0;
    throw error;
  }
}
