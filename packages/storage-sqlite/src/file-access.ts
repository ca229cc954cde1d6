import { accessSync, constants, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import { SqliteError } from "better-sqlite3";

const { R_OK, W_OK, X_OK } = constants;

// The codes of SQLite and of Node for a file that cannot be opened or written.
const accessCodes = /^(SQLITE_(CANTOPEN|READONLY|PERM|IOERR)(_|$)|(EACCES|EPERM|EROFS|EISDIR|ENOTDIR|EEXIST)$)/;

/**
 * Opens a file of the data folder. SQLite reports only "unable to open database file"; this finds out which file and why.
 * @param writes whether the file itself must be writable
 * @throws {StoreUnavailableError} naming the file that this user cannot read or write, the code of the error, and what to do
 * @throws whatever else `open` throws
 */
export function withFileNamed<Result>(path: string, writes: boolean, open: () => Result): Result {
  try {
    return open();
  } catch (error) {
    const problem = isAboutAccess(error) ? accessProblem(path, writes) : null;
    throw problem === null ? error : new StoreUnavailableError(problem, { cause: error });
  }
}

function isAboutAccess(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return (error instanceof SqliteError || error instanceof Error) && accessCodes.test(`${code}`);
}

/** @returns which of a database's files cannot be used, and why; null when all can be */
function accessProblem(path: string, writes: boolean): string | null {
  const folder = dirname(path);
  // SQLite creates and writes files beside a database even when it only reads.
  const wanted: readonly (readonly [path: string, mode: number, isFolder: boolean])[] = [
    [folder, R_OK | X_OK, true],
    [path, writes ? R_OK | W_OK : R_OK, false],
    [`${path}-wal`, writes ? R_OK | W_OK : R_OK, false],
    [`${path}-shm`, R_OK | W_OK, false],
    [folder, R_OK | W_OK | X_OK, true],
  ];
  for (const [file, mode, isFolder] of wanted) {
    const code = accessCode(file, mode, isFolder);
    if (code === null || code === "ENOENT") continue;
    const name = isFolder ? "the data folder" : basename(file);
    return `${name} ${problemText(code, mode)} (${code})${adviceText(code)}`;
  }
  return null;
}

function accessCode(path: string, mode: number, isFolder: boolean): string | null {
  try {
    if (statSync(path).isDirectory() !== isFolder) return isFolder ? "ENOTDIR" : "EISDIR";
    accessSync(path, mode);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? null;
  }
}

function problemText(code: string, mode: number): string {
  if (code === "ENOTDIR") return "is no folder";
  if (code === "EISDIR") return "is a folder, not a file";
  return (mode & W_OK) === 0 ? "cannot be read" : "cannot be read or written";
}

function adviceText(code: string): string {
  switch (code) {
    case "EACCES":
    case "EPERM":
      return "; give the user that runs this the right to read and write the data folder and each file in it";
    case "EROFS":
      return "; the disk is read-only, make it writable";
    case "ENOTDIR":
      return "; set TRINITY_DATA_DIR to a folder";
    case "EISDIR":
      return "; move it away";
    default:
      return "";
  }
}
