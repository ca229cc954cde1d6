import { existsSync } from "node:fs";
import { crc32 } from "node:zlib";
import Sqlite, { type Database, SqliteError, type Statement } from "better-sqlite3";
import type { ChunkDigest } from "./chunk-digest.ts";
import { databasePath } from "./database.ts";
import { withFileNamed } from "./file-access.ts";
import { IncompleteStateError } from "./state-damage.ts";

/** `digest` is of any type when the row or the schema is damaged. */
type Row = { readonly seq: number; readonly digest: unknown };

const digestBytes = 32;

/** @returns the digest with a checksum over it and the number, so that a flipped bit in `state.db` is not mistaken for another log */
function sealed({ seq, digest }: ChunkDigest): Uint8Array {
  const seal = Buffer.alloc(4);
  seal.writeUInt32LE(crc32(digest, seq >>> 0));
  return Buffer.concat([digest, seal]);
}

/** @returns null when the row is damaged */
function opened({ seq, digest: bytes }: Row): ChunkDigest | null {
  if (!(bytes instanceof Uint8Array)) return null;
  const digest = bytes.subarray(0, digestBytes);
  return Buffer.compare(sealed({ seq, digest }), bytes) === 0 ? { seq, digest } : null;
}

/** The last folded chunk, stored beside the watermark; changed inside the caller's transaction. */
export class FoldedChunk {
  readonly #put: Statement<[seq: number, digest: Uint8Array]>;
  readonly #forget: Statement<[]>;
  readonly #row: Statement<[], Row & { readonly watermarkSeq: number }>;

  constructor(database: Database) {
    this.#put = database.prepare(
      `INSERT INTO folded_chunk (id, seq, digest) VALUES (1, ?, ?)
       ON CONFLICT DO UPDATE SET seq = excluded.seq, digest = excluded.digest`,
    );
    this.#forget = database.prepare("DELETE FROM folded_chunk");
    this.#row = database.prepare("SELECT folded_chunk.seq, digest, mark.seq AS watermarkSeq FROM folded_chunk, mark");
  }

  /** @param chunk null when unknown: then an earlier one is removed */
  write(chunk: ChunkDigest | null): void {
    if (chunk === null) this.#forget.run();
    else this.#put.run(chunk.seq, sealed(chunk));
  }

  /** @throws {IncompleteStateError} when the watermark has another chunk: one transaction writes both, so one of them is damaged */
  requireAtWatermark(): void {
    const row = this.#row.get();
    if (row === undefined || (row.seq === row.watermarkSeq && opened(row) !== null)) return;
    throw new IncompleteStateError("the watermark of state.db is not where its last fold ended");
  }
}

/** How far a state file is folded; `digest` is null in files older than digests. */
export type FoldedThrough = { readonly seq: number; readonly digest: Uint8Array | null };

/**
 * Reads `state.db` without creating or changing anything.
 * @returns null while nothing is folded, or when the file is damaged: then it is no evidence about the log
 */
export function readFoldedThrough(dataDir: string): FoldedThrough | null {
  const path = databasePath(dataDir, "state");
  if (!existsSync(path)) return null;
  return withFileNamed(path, false, () => readFoldedThroughIn(path));
}

function readFoldedThroughIn(path: string): FoldedThrough | null {
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
  const stored = keepsDigests ? state.prepare<[], Row>("SELECT seq, digest FROM folded_chunk").get() : undefined;
  if (stored === undefined) return { seq, digest: null };
  return stored.seq === seq ? opened(stored) : null;
}
