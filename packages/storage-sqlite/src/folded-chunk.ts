import { existsSync } from "node:fs";
import Sqlite, { type Database, SqliteError, type Statement } from "better-sqlite3";
import type { ChunkDigest } from "./chunk-digest.ts";
import { databasePath } from "./database.ts";

/** The chunk that the fold ended with, kept beside the watermark; changed inside the caller's transaction. */
export class FoldedChunk {
  readonly #put: Statement<[seq: number, digest: Uint8Array]>;

  constructor(database: Database) {
    this.#put = database.prepare(
      `INSERT INTO folded_chunk (id, seq, digest) VALUES (1, ?, ?)
       ON CONFLICT DO UPDATE SET seq = excluded.seq, digest = excluded.digest`,
    );
  }

  write({ seq, digest }: ChunkDigest): void {
    this.#put.run(seq, digest);
  }
}

/** How far a state file is folded; `digest` null where it was written before digests were kept. */
export type FoldedThrough = { readonly seq: number; readonly digest: Uint8Array | null };

/**
 * Looks into `state.db` without making or changing anything.
 * @returns null while nothing is folded, or where the file cannot be read: then it has nothing to say about the log
 */
export function readFoldedThrough(dataDir: string): FoldedThrough | null {
  const path = databasePath(dataDir, "state");
  if (!existsSync(path)) return null;
  let state: Database | null = null;
  try {
    state = new Sqlite(path, { readonly: true, fileMustExist: true, timeout: 2_000 });
    return state.transaction(foldedThroughOf).deferred(state);
  } catch (error) {
    if (error instanceof SqliteError && /^SQLITE_(ERROR|CORRUPT|NOTADB)(_|$)/.test(error.code)) return null;
    throw error;
  } finally {
    state?.close();
  }
}

function foldedThroughOf(state: Database): FoldedThrough | null {
  const seq = state.prepare<[], number>("SELECT seq FROM mark").pluck().get() ?? 0;
  if (seq === 0) return null;
  const keepsDigests = state.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'folded_chunk'").get() !== undefined;
  const digest = keepsDigests
    ? state.prepare<[number], Uint8Array>("SELECT digest FROM folded_chunk WHERE seq = ?").pluck().get(seq)
    : undefined;
  return { seq, digest: digest ?? null };
}
