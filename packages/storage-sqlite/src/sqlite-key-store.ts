import type { KeyStore, StoredApiKey } from "@trinity/storage/key-store";
import { SqliteError } from "better-sqlite3";
import { asc, eq } from "drizzle-orm";
import { type BetterSQLite3Database, drizzle } from "drizzle-orm/better-sqlite3";
import { databasePath, openDatabase } from "./database.ts";
import { openedFiles } from "./opened-files.ts";
import { openedOnce } from "./opened-once.ts";
import { apiKey } from "./operations-schema.ts";
import { attemptOn } from "./unavailable.ts";

/** The API keys of one directory, in `operations.db`. Any number of processes can use it. */
export function openSqliteKeyStore({ dataDir }: { readonly dataDir: string }): KeyStore {
  const place = openedFiles(databasePath(dataDir, "operations"));
  const file = openedOnce(
    () => {
      const database = openDatabase(dataDir, "operations", "readwrite");
      place.noteOpened();
      return database;
    },
    (database) => void database.close(),
  );
  const keys = openedOnce(
    () => drizzle({ client: file.get() }),
    () => {},
  );
  const attempt = attemptOn({
    file: "operations.db",
    reopen: () => {
      for (const opened of [keys, file]) opened.reopen();
    },
  });
  const run = <Result>(query: (database: BetterSQLite3Database) => Result) =>
    attempt(() => {
      place.requireInPlace();
      return distinctPrefix(() => query(keys.get()));
    });

  return {
    findByPrefix: (prefix) => run((database) => database.select().from(apiKey).where(eq(apiKey.prefix, prefix)).get()),
    list: () => run((database) => database.select().from(apiKey).orderBy(asc(apiKey.name)).all()),
    put: (key) =>
      run((database) => {
        database
          .insert(apiKey)
          .values(columnsOf(key))
          .onConflictDoUpdate({ target: apiKey.name, set: columnsOf(key) })
          .run();
      }),
    putIfAbsent: (key) =>
      run((database) => database.insert(apiKey).values(columnsOf(key)).onConflictDoNothing({ target: apiKey.name }).run().changes === 1),
    remove: (name) => run((database) => database.delete(apiKey).where(eq(apiKey.name, name)).run().changes === 1),
    close: async () => {
      await keys.close();
      await file.close();
    },
  };
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
