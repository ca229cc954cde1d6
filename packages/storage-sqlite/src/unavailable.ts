import { DamagedDataError, StoreUnavailableError } from "@trinity/storage/event-store";
import { SqliteError } from "better-sqlite3";

// The machine's trouble, not ours: another process holds the file, the disk is full, failing, gone or read-only, memory has run out.
const passing = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|PROTOCOL|NOMEM)(_|$)/;

const damaged = /^SQLITE_(CORRUPT|NOTADB)(_|$)/;

/**
 * Runs a unit of work. What may pass by itself becomes a `StoreUnavailableError`; a broken rule stays what it is.
 * @param file what cannot be made again from anything else: its damage becomes a `DamagedDataError`
 */
export async function attempt<Result>(work: () => Result, file: "log.db" | "operations.db" | null = null): Promise<Result> {
  try {
    return work();
  } catch (error) {
    if (error instanceof SqliteError && passing.test(error.code)) throw new StoreUnavailableError(error.code, { cause: error });
    if (file !== null && error instanceof SqliteError && damaged.test(error.code)) {
      throw new DamagedDataError(`${file} is damaged; restore it from a copy`, { cause: error });
    }
    throw error;
  }
}
