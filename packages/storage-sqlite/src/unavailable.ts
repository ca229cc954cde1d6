import { DamagedDataError, StoreUnavailableError } from "@trinity/storage/event-store";
import { SqliteError } from "better-sqlite3";

// The machine's trouble, not ours: another process holds the file, the disk is full, failing, gone or read-only, memory has run out.
const passing = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|PROTOCOL|NOMEM)(_|$)/;
// What Node says of the same, where a file is made or looked at without SQLite.
const passingOfFiles = /^(ENOSPC|EDQUOT|EROFS|EIO|EMFILE|ENFILE|ENOMEM)$/;
// A connection may keep these for ever: one that was opened while nothing could be written stays read-only, one whose lock could not be
// changed believes what is not so. A full disk and a busy file leave it as it was.
const lasting = /^SQLITE_(IOERR|CANTOPEN|READONLY|PROTOCOL)(_|$)/;

/** What an operator looks at, by the first that matches. SQLite makes room beside a database also to read it. */
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
 * Runs a unit of work. What may pass by itself becomes a `StoreUnavailableError`, damage of the file a `DamagedDataError`; a broken rule stays
 * what it is.
 */
export type Attempt = <Result>(work: () => Result) => Promise<Result>;

export type AttemptSettings = {
  /** Whose damage is named, because it cannot be made again from anything else; null where damage is an error of its own already. */
  readonly file: "log.db" | "operations.db" | null;
  /** Closes all connections, so that the next unit of work begins on new ones; called after an error that a connection may keep. */
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
