import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { DamagedStateError } from "@trinity/storage/event-store";
import { SqliteError } from "better-sqlite3";
import { databasePath } from "./database.ts";

/** How many quarantined files are kept; each is as large as the state. */
const quarantinedMax = 2;
const dayMs = 86_400_000;
const suffixes = ["", "-wal", "-shm"] as const;

/** `state.db` lacks something that every state has, such as the watermark. */
export class IncompleteStateError extends Error {
  override readonly name = "IncompleteStateError";
}

/** The file passes its check, and yet a statement fails on it, as no statement of ours does on a sound state. */
export class BrokenRuleError extends Error {
  override readonly name = "BrokenRuleError";
}

/**
 * `suspected`: the check of the file decides. `certain`: the state is not what any fold wrote, whatever the check says. `broken-rule`: a
 * statement failed; either the file is damaged in a way that the check cannot detect, or this program has a fault.
 */
export type Certainty = (typeof certainties)[number];
const certainties = ["suspected", "certain", "broken-rule"] as const;

const corrupt = /^SQLITE_(CORRUPT|NOTADB|FORMAT)(_|$)/;
// A value that no column takes, or a table that the schema does not have. An outage has none of these codes.
const brokenRule = /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|ERROR)(_|$)/;

/** @returns how certain it is that the state file itself is damaged, so that only a new file helps; null when the error is about something else */
export function certaintyOf(error: unknown): Certainty | null {
  if (error instanceof IncompleteStateError) return "certain";
  if (error instanceof BrokenRuleError) return "broken-rule";
  if (!(error instanceof SqliteError)) return null;
  if (corrupt.test(error.code)) return "suspected";
  return brokenRule.test(error.code) ? "broken-rule" : null;
}

/** The error until the process that folds has created a new file. */
export function stateFileDamaged(cause: unknown): DamagedStateError {
  return new DamagedStateError("state.db is damaged; the ingest process rebuilds it from the log", { cause });
}

/** The error of the process that folds, while it does not rebuild a state again. */
export function stateFailsAgain(cause: unknown): DamagedStateError {
  const code = cause instanceof SqliteError ? cause.code : "in another process";
  return new DamagedStateError(
    `a statement fails on state.db (${code}), which was rebuilt less than a day ago; it is rebuilt again a day after that, or once state.db is moved out of the data folder. If that does not help, report a fault of this program`,
    { cause },
  );
}

/** @param target the last chunk that must be folded before queries are answered */
export function stateRebuilding(foldedSeq: number, target: number): DamagedStateError {
  return new DamagedStateError(`the state is being rebuilt from the log: ${Math.floor((100 * foldedSeq) / target)}%`);
}

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
  const [word, identity] = readFileSync(path, "utf8").split(" ");
  const isAboutThis = identity === fileIdentity(databasePath(dataDir, "state"));
  if (isAboutThis) return certainties.find((certainty) => certainty === word) ?? "suspected";
  dismissReport(dataDir);
  return null;
}

/** Removes a report that changes nothing. */
export function dismissReport(dataDir: string): void {
  rmSync(reportPath(dataDir), { force: true });
}

/** Quarantines `state.db` and the files beside it. Only the last two quarantined files are kept. */
export function quarantineState(dataDir: string, nowMs: number): void {
  const path = databasePath(dataDir, "state");
  const name = quarantinedName(nowMs);
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

/** @returns whether a state was quarantined in the last day */
export function isRebuiltOfLate(dataDir: string, nowMs: number): boolean {
  const [newest] = quarantinedStates(dataDir);
  return newest !== undefined && basename(newest) > quarantinedName(nowMs - dayMs);
}

function quarantinedName(atMs: number): string {
  return `state.db.damaged-${new Date(atMs).toISOString().replaceAll(/[:.]/g, "-")}`;
}

function reportPath(dataDir: string): string {
  return join(dataDir, "state.db.report");
}
