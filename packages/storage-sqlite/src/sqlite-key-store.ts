import type { KeyStore, StoredApiKey } from "@trinity/storage/key-store";
import { type Database, SqliteError, type Statement } from "better-sqlite3";
import { closedOnFailure, databasePath, openDatabase } from "./database.ts";
import { openedFiles } from "./opened-files.ts";
import { openedOnce } from "./opened-once.ts";
import { attemptOn } from "./unavailable.ts";

/** The API keys of one directory, in `operations.db`. Any number of processes can use it. */
export function openSqliteKeyStore({ dataDir }: { readonly dataDir: string }): KeyStore {
  const place = openedFiles(databasePath(dataDir, "operations"));
  const keys = openedOnce(
    () => {
      const database = openDatabase(dataDir, "operations", "readwrite");
      place.noteOpened();
      return closedOnFailure(database, () => new KeyTable(database));
    },
    (table) => table.close(),
  );
  const attempt = attemptOn({ file: "operations.db", reopen: () => keys.reopen() });
  const run = <Result>(query: (table: KeyTable) => Result) =>
    attempt(() => {
      place.requireInPlace();
      return distinctPrefix(() => query(keys.get()));
    });

  return {
    findByPrefix: (prefix) => run(({ byPrefix }) => byPrefix.get(prefix)),
    list: () => run(({ all }) => all.all()),
    put: (key) => run(({ put }) => void put.run(columnsOf(key))),
    putIfAbsent: (key) => run(({ putIfAbsent }) => putIfAbsent.run(columnsOf(key)).changes === 1),
    remove: (name) => run(({ remove }) => remove.run(name).changes === 1),
    close: () => keys.close(),
  };
}

/** The statements on `api_key`. */
class KeyTable {
  readonly byPrefix: Statement<[prefix: string], StoredApiKey>;
  readonly all: Statement<[], StoredApiKey>;
  readonly put: Statement<[StoredApiKey]>;
  readonly putIfAbsent: Statement<[StoredApiKey]>;
  readonly remove: Statement<[name: string]>;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    const columns = "name, prefix, hash, role, created_at_ms AS createdAtMs, expires_at_ms AS expiresAtMs";
    const insert = `INSERT INTO api_key (name, prefix, hash, role, created_at_ms, expires_at_ms)
      VALUES (@name, @prefix, @hash, @role, @createdAtMs, @expiresAtMs) ON CONFLICT (name) DO`;
    this.byPrefix = database.prepare(`SELECT ${columns} FROM api_key WHERE prefix = ?`);
    this.all = database.prepare(`SELECT ${columns} FROM api_key ORDER BY name`);
    this.put = database.prepare(`${insert} UPDATE SET prefix = excluded.prefix, hash = excluded.hash, role = excluded.role,
      created_at_ms = excluded.created_at_ms, expires_at_ms = excluded.expires_at_ms`);
    this.putIfAbsent = database.prepare(`${insert} NOTHING`);
    this.remove = database.prepare("DELETE FROM api_key WHERE name = ?");
  }

  close(): void {
    this.#database.close();
  }
}

// Listed one by one, so that no extra property of an object is stored.
function columnsOf({ prefix, hash, role, name, createdAtMs, expiresAtMs }: StoredApiKey): StoredApiKey {
  return { prefix, hash, role, name, createdAtMs, expiresAtMs };
}

function distinctPrefix<Result>(query: () => Result): Result {
  try {
    return query();
  } catch (error) {
    if (error instanceof SqliteError && error.code === "SQLITE_CONSTRAINT_UNIQUE")
      throw new RangeError("a key of another name has this prefix");
    throw error;
  }
}
