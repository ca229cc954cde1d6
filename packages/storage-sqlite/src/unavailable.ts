import { StoreUnavailableError } from "@trinity/storage/event-store";
import { SqliteError } from "better-sqlite3";

// The machine's trouble, not ours: another process holds the file, the disk is full, failing, gone or read-only, memory has run out.
const passing = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|PROTOCOL|NOMEM)(_|$)/;

/** Runs a unit of work. What may pass by itself becomes a `StoreUnavailableError`; a damaged file or a broken rule stays what it is. */
export async function attempt<Result>(work: () => Result): Promise<Result> {
  try {
    return work();
  } catch (error) {
    if (error instanceof SqliteError && passing.test(error.code)) throw new StoreUnavailableError(error.code, { cause: error });
    throw error;
  }
}
