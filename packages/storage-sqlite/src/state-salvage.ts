import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import type { FoldTime } from "@trinity/storage/event-store";
import Sqlite, { type Database } from "better-sqlite3";
import { quarantinedStates } from "./state-damage.ts";

/** A row of the `repair` table; `part` is the JSON of a `StateRowKey`. */
type AuditRow = { readonly atMs: number; readonly part: string; readonly stored: string | null; readonly derived: string | null };

/** What cannot be derived from the log: the fold times and the audit of repairs. */
export type Salvage = { readonly foldTimes: readonly FoldTime[]; readonly repairs: readonly AuditRow[] };

/**
 * Reads what is readable of the newest quarantined state, and the fold times of the shadow state, which has a copy.
 * @param headSeq the newest chunk of the log @param nowMs the present: later times are ignored
 */
export function salvageState(dataDir: string, headSeq: number, nowMs: number): Salvage {
  const times = new Map<number, number>();
  const repairs: AuditRow[] = [];
  const collect = (database: Database) => {
    const folds = database.prepare<[], FoldTime>("SELECT to_seq AS toSeq, folded_at_ms AS foldedAtMs FROM fold_time ORDER BY to_seq");
    for (const { toSeq, foldedAtMs } of folds.iterate()) {
      const isTime = Number.isSafeInteger(foldedAtMs) && foldedAtMs > 0 && foldedAtMs <= nowMs;
      if (isTime && toSeq > 0 && toSeq <= headSeq) times.set(toSeq, foldedAtMs);
    }
  };
  const [damaged] = quarantinedStates(dataDir);
  if (damaged !== undefined) {
    asFarAsReadable(damaged, collect);
    asFarAsReadable(damaged, (database) => {
      const columns = "at_ms AS atMs, part AS part, stored AS stored, derived AS derived";
      const rows = database.prepare<[], AuditRow>(`SELECT ${columns} FROM repair ORDER BY id`);
      for (const row of rows.iterate()) if (isAudit(row)) repairs.push(row);
    });
  }
  // Later entries replace earlier ones, and the undamaged copy of the shadow state comes last.
  for (const path of globSync(join(dataDir, "verify", "catalogue-*", "kept", "state.db"))) asFarAsReadable(path, collect);
  const foldTimes = [...times].map(([toSeq, foldedAtMs]) => ({ toSeq, foldedAtMs })).sort((a, b) => a.toSeq - b.toSeq);
  return { foldTimes, repairs };
}

function asFarAsReadable(path: string, read: (database: Database) => void): void {
  if (!existsSync(path)) return;
  try {
    const database = new Sqlite(path, { readonly: true, fileMustExist: true });
    try {
      read(database);
    } finally {
      database.close();
    }
  } catch {
    // The file is damaged: keep what was read so far.
  }
}

/** Of a damaged row any column can have any type. A new table takes only those of a sound one. */
function isAudit({ atMs, part, stored, derived }: { readonly [Name in keyof AuditRow]: unknown }): boolean {
  const areTexts = [stored, derived].every((text) => text === null || typeof text === "string");
  return Number.isSafeInteger(atMs) && typeof part === "string" && isJson(part) && areTexts;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
