import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DamagedStateError } from "@trinity/storage/event-store";
import { SqliteError } from "better-sqlite3";
import { databasePath } from "./database.ts";

/** How many quarantined files are kept; each is as large as the state. */
const quarantinedMax = 2;
const suffixes = ["", "-wal", "-shm"] as const;

/** `state.db` lacks something that every state has, such as the watermark. */
export class IncompleteStateError extends Error {
  override readonly name = "IncompleteStateError";
}

/** Codes for a missing object, or for one that exists although the schema says that it does not. */
const wrongFile = /^(no such (table|column)|(table|index) \S+ already exists|malformed database schema|unsupported file format)/;

/** @returns whether an error means that the state file itself, not one of its values, is damaged: only a new file helps */
export function isStateFileDamage(error: unknown): boolean {
  if (error instanceof IncompleteStateError) return true;
  if (!(error instanceof SqliteError)) return false;
  if (/^SQLITE_(CORRUPT|NOTADB|FORMAT)(_|$)/.test(error.code)) return true;
  return error.code === "SQLITE_ERROR" && wrongFile.test(error.message);
}

/** The error until the process that folds has created a new file. */
export function stateFileDamaged(cause: unknown): DamagedStateError {
  return new DamagedStateError("state.db is damaged; the ingest process rebuilds it from the log", { cause });
}

/** @param target the last chunk that must be folded before queries are answered */
export function stateRebuilding(foldedSeq: number, target: number): DamagedStateError {
  return new DamagedStateError(`the state is being rebuilt from the log: ${Math.floor((100 * foldedSeq) / target)}%`);
}

/** `suspected`: SQLite's own check of the file decides. `certain`: that check cannot detect it. */
export type Certainty = "suspected" | "certain";

/** @returns an identity that differs for another file at the same path; null when there is no file */
export function fileIdentity(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
}

/** Reports a damaged state file to the process that folds. Errors are ignored: other processes will report it too. */
export function reportStateDamage(dataDir: string, identity: string, certainty: Certainty): void {
  try {
    writeFileSync(reportPath(dataDir), `${certainty} ${identity}`, { mode: 0o600 });
  } catch {
    // A reader may have no write permission.
  }
}

/** @returns the report about this state file; null when there is none. A report about another file is removed. */
export function reportedDamage(dataDir: string): Certainty | null {
  const path = reportPath(dataDir);
  if (!existsSync(path)) return null;
  const [certainty, identity] = readFileSync(path, "utf8").split(" ");
  if (identity === fileIdentity(databasePath(dataDir, "state"))) return certainty === "certain" ? "certain" : "suspected";
  dismissReport(dataDir);
  return null;
}

/** Removes a false report. */
export function dismissReport(dataDir: string): void {
  rmSync(reportPath(dataDir), { force: true });
}

/** Quarantines `state.db` and the files beside it. Only the last two quarantined files are kept. */
export function quarantineState(dataDir: string, nowMs: number): void {
  const path = databasePath(dataDir, "state");
  const name = `state.db.damaged-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, "-")}`;
  // The database first: without it SQLite does not open the files beside it.
  for (const suffix of suffixes) if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, join(dataDir, `${name}${suffix}`));
  dismissReport(dataDir);
  for (const old of quarantinedStates(dataDir).slice(quarantinedMax)) {
    for (const suffix of suffixes) rmSync(`${old}${suffix}`, { force: true });
  }
}

/** @returns the paths of quarantined databases, newest first */
export function quarantinedStates(dataDir: string): readonly string[] {
  const names = readdirSync(dataDir).filter((name) => /^state\.db\.damaged-[^.]+Z$/.test(name));
  return names.sort((a, b) => (a < b ? 1 : -1)).map((name) => join(dataDir, name));
}

function reportPath(dataDir: string): string {
  return join(dataDir, "state.db.report");
}
