import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DamagedStateError } from "@trinity/storage/event-store";
import { SqliteError } from "better-sqlite3";
import { databasePath } from "./database.ts";

/** So many quarantined files are kept: each is as large as the state. */
const quarantinedMax = 2;
const suffixes = ["", "-wal", "-shm"] as const;

/** `state.db` lacks what every state has, such as its watermark. */
export class IncompleteStateError extends Error {
  override readonly name = "IncompleteStateError";
}

/** What there should be is not there, or is there although the file says that it is not. */
const wrongFile = /^(no such (table|column)|(table|index) \S+ already exists|malformed database schema|unsupported file format)/;

/** @returns whether an error says that the file of the state, not one of its values, is damaged: only a new file helps */
export function isStateFileDamage(error: unknown): boolean {
  if (error instanceof IncompleteStateError) return true;
  if (!(error instanceof SqliteError)) return false;
  if (/^SQLITE_(CORRUPT|NOTADB|FORMAT)(_|$)/.test(error.code)) return true;
  return error.code === "SQLITE_ERROR" && wrongFile.test(error.message);
}

/** What is said while the process that folds has not made a new file yet. */
export function stateFileDamaged(cause: unknown): DamagedStateError {
  return new DamagedStateError("state.db is damaged; the ingest process rebuilds it from the log", { cause });
}

/** @param target the last chunk of the log that must be folded before questions are answered */
export function stateRebuilding(foldedSeq: number, target: number): DamagedStateError {
  return new DamagedStateError(`the state is being rebuilt from the log: ${Math.floor((100 * foldedSeq) / target)}%`);
}

/** `suspected`: SQLite's own check of the file decides. `certain`: that check cannot see it. */
export type Certainty = "suspected" | "certain";

/** @returns a text that another file at the same path does not have; null when there is no file */
export function fileIdentity(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
}

/** Tells the process that folds which file of the state was found damaged. Who cannot write here is not heard: the others find it as well. */
export function reportStateDamage(dataDir: string, identity: string, certainty: Certainty): void {
  try {
    writeFileSync(reportPath(dataDir), `${certainty} ${identity}`, { mode: 0o600 });
  } catch {
    // A reader may have no right to write.
  }
}

/** @returns whether somebody found the file of the state damaged; null when nobody did. A report of another file is removed. */
export function reportedDamage(dataDir: string): Certainty | null {
  const path = reportPath(dataDir);
  if (!existsSync(path)) return null;
  const [certainty, identity] = readFileSync(path, "utf8").split(" ");
  if (identity === fileIdentity(databasePath(dataDir, "state"))) return certainty === "certain" ? "certain" : "suspected";
  dismissReport(dataDir);
  return null;
}

/** Whoever reported damage was wrong. */
export function dismissReport(dataDir: string): void {
  rmSync(reportPath(dataDir), { force: true });
}

/** Moves `state.db` and the files beside it out of the way. Older quarantined files than the last two are removed. */
export function quarantineState(dataDir: string, nowMs: number): void {
  const path = databasePath(dataDir, "state");
  const name = `state.db.damaged-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, "-")}`;
  // The database first: without it nothing opens the files beside it.
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
