import type { ArmedFault, Fault } from "@trinity/storage/store-under-test";
import Sqlite, { SqliteError } from "better-sqlite3";

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Methods = Record<string, Method>;

/** Where every call to SQLite goes through: also BEGIN and COMMIT are statements that are run. */
const statements = Object.getPrototypeOf(new Sqlite(":memory:").prepare("SELECT 1")) as Methods;
const calls: readonly (readonly [Methods, string])[] = [
  ...["run", "get", "all", "iterate"].map((name) => [statements, name] as const),
  [Sqlite.prototype as unknown as Methods, "exec"],
];

/** What SQLite says when a disk is full, and when a disk did what it was told but says it did not. */
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
  const originals = calls.map(([owner, name]) => [owner, name, owner[name] as Method] as const);
  for (const [owner, name, original] of originals) {
    owner[name] = function (this: unknown, ...args) {
      left -= 1;
      const call = () => original.apply(this, args);
      return left === 0 ? fail(call) : call();
    };
  }
  return {
    disarm: () => {
      for (const [owner, name, original] of originals) owner[name] = original;
      return left <= 0;
    },
  };
}
