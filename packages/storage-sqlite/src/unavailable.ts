import { DamagedDataError, StoreUnavailableError } from "@trinity/storage/event-store";
import { SqliteError } from "better-sqlite3";

// Outages: another process locks the file; the disk is full, failing, gone or read-only; memory is exhausted.
const passing = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|PROTOCOL|NOMEM)(_|$)/;
// The codes of Node for the same, where a file is used without SQLite.
const passingOfFiles = /^(ENOSPC|EDQUOT|EROFS|EIO|EMFILE|ENFILE|ENOMEM)$/;
// A connection may keep these errors: one that was opened on a read-only disk stays read-only, and a failed lock change leaves a wrong lock
// state. A full disk and a busy file do no harm to a connection.
const lasting = /^SQLITE_(IOERR|CANTOPEN|READONLY|PROTOCOL)(_|$)/;

/** Messages for operators; the first match counts. SQLite needs space beside a database even to read it. */
const words: readonly (readonly [RegExp, string])[] = [
  [/^(SQLITE_FULL|SQLITE_IOERR_SHMSIZE|ENOSPC)$/, "the disk is full"],
  [/^EDQUOT$/, "the quota of the disk is used up"],
  [/^(SQLITE_READONLY|EROFS)/, "the disk is read-only"],
  [/^(SQLITE_IOERR|EIO)/, "the disk fails"],
  [/^SQLITE_CANTOPEN/, "a file cannot be opened"],
  [/^(SQLITE_BUSY|SQLITE_LOCKED|SQLITE_PROTOCOL)/, "another process holds a file"],
  [/^(SQLITE_NOMEM|ENOMEM)$/, "memory has run out"],
  [/^(EMFILE|ENFILE)$/, "too many files are open"],
];

function inWords(code: string): string {
  return words.find(([pattern]) => pattern.test(code))?.[1] ?? "the store failed";
}

const damaged = /^SQLITE_(CORRUPT|NOTADB)(_|$)/;

/**
 * Runs a unit of work. An outage becomes a `StoreUnavailableError`, damage of the file a `DamagedDataError`; other errors are thrown on.
 */
export type Attempt = <Result>(work: () => Result) => Promise<Result>;

export type AttemptSettings = {
  /** The file to name as damaged, if it cannot be derived again; null when damage already has its own error. */
  readonly file: "log.db" | "operations.db" | null;
  /** Closes all connections, so that the next unit of work opens new ones; called after an error that a connection may keep. */
  readonly reopen: () => void;
};

export function attemptOn({ file, reopen }: AttemptSettings): Attempt {
  return async (work) => {
    try {
      return work();
    } catch (error) {
      if (error instanceof SqliteError && lasting.test(error.code)) reopen();
      if (mayPass(error)) throw new StoreUnavailableError(`${inWords(error.code)} (${error.code})`, { cause: error });
      if (file !== null && error instanceof SqliteError && damaged.test(error.code)) {
        throw new DamagedDataError(`${file} is damaged; restore it from a copy`, { cause: error });
      }
      throw error;
    }
  };
}

function mayPass(error: unknown): error is Error & { readonly code: string } {
  if (error instanceof SqliteError) return passing.test(error.code);
  return error instanceof Error && passingOfFiles.test(`${(error as NodeJS.ErrnoException).code}`);
}
