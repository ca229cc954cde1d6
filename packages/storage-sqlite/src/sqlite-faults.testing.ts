import type { ArmedFault, Fault } from "@trinity/storage/store-under-test";
import Sqlite, { SqliteError } from "better-sqlite3";

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Methods = Record<string, Method>;

/** All calls to SQLite; BEGIN and COMMIT are statements too. */
const statements = Object.getPrototypeOf(new Sqlite(":memory:").prepare("SELECT 1")) as Methods;
const calls: readonly (readonly [Methods, string])[] = [
  ...["run", "get", "all", "iterate"].map((name) => [statements, name] as const),
  [Sqlite.prototype as unknown as Methods, "exec"],
];

/** The errors of a full disk, and of a disk that wrote but reports that it did not. */
export const sqliteFaults: readonly Fault[] = [
  {
    name: "a full disk",
    armNth: (n) =>
      armNth(n, () => {
        throw new SqliteError("database or disk is full", "SQLITE_FULL");
      }),
  },
  {
    name: "an error of a disk that wrote all the same",
    armNth: (n) =>
      armNth(n, (call) => {
        call();
        throw new SqliteError("disk I/O error", "SQLITE_IOERR_FSYNC");
      }),
  },
];

function armNth(n: number, fail: (call: () => unknown) => never): ArmedFault {
  let left = n;
  const restore = replaceCalls((_connection, call) => {
    left -= 1;
    return left === 0 ? fail(call) : call();
  });
  return {
    disarm: () => {
      restore();
      return left <= 0;
    },
  };
}

/** @returns restores the calls */
function replaceCalls(replacement: (connection: unknown, call: () => unknown) => unknown): () => void {
  const originals = calls.map(([owner, name]) => [owner, name, owner[name] as Method] as const);
  for (const [owner, name, original] of originals) {
    owner[name] = function (this: unknown, ...args) {
      const connection = this instanceof Sqlite ? this : (this as { readonly database: unknown }).database;
      return replacement(connection, () => original.apply(this, args));
    };
  }
  return () => {
    for (const [owner, name, original] of originals) owner[name] = original;
  };
}

/** Connections that keep failing, like one that was opened on a read-only disk. */
export type BrokenConnections = {
  /** From now on all connections used since the watch began fail; those opened later do not. */
  breakAll(code: string): void;
  /** Broken connections work again. */
  mend(): void;
  restore(): void;
};

export function watchConnections(): BrokenConnections {
  const used = new Set<unknown>();
  const broken = new Map<unknown, string>();
  const restore = replaceCalls((connection, call) => {
    const code = broken.get(connection);
    if (code !== undefined) throw new SqliteError("a connection that stays broken", code);
    used.add(connection);
    return call();
  });
  return {
    breakAll: (code) => {
      for (const connection of used) broken.set(connection, code);
    },
    mend: () => broken.clear(),
    restore,
  };
}
