import { cpSync } from "node:fs";
import { join } from "node:path";
import Sqlite, { type Database, SqliteError } from "better-sqlite3";
import fc from "fast-check";
import { expect, test } from "vitest";
import { usingDataDir } from "./data-dir.testing.ts";
import { databasePath, openDatabase } from "./database.ts";
import { IncompleteStateError } from "./state-damage.ts";
import { requireStateSchema } from "./state-file-schema.ts";

type Declaration = { readonly name: string; readonly sql: string };

/** Runs with the path of a new state file. */
async function usingStateFile(use: (path: string) => void): Promise<void> {
  await usingDataDir(async (dataDir) => {
    openDatabase(dataDir, "state", "readwrite").close();
    use(databasePath(dataDir, "state"));
  });
}

function opened<Result>(path: string, use: (database: Database) => Result): Result {
  const database = new Sqlite(path);
  try {
    return use(database);
  } finally {
    database.close();
  }
}

test("a new state has the schema, also with objects of an operator beside it, and after a vacuum", () =>
  usingStateFile((path) => {
    opened(path, (database) => database.exec("ANALYZE; CREATE INDEX theirs ON bucket (revision); VACUUM"));
    expect(() => opened(path, requireStateSchema)).not.toThrow();
  }));

test("a declaration with any bit changed is damage", () =>
  usingStateFile((path) => {
    const declarations = opened(path, (database) =>
      database.prepare<[], Declaration>("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").all(),
    );
    const copy = join(path, "..", "copy.db");
    fc.assert(
      fc.property(fc.constantFrom(...declarations), fc.nat(), ({ name, sql }, at) => {
        const bytes = Buffer.from(sql);
        const bit = at % (bytes.length * 8);
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
        cpSync(path, copy);
        opened(copy, (database) => {
          database.unsafeMode(true);
          database.pragma("writable_schema = ON");
          database.prepare("UPDATE sqlite_schema SET sql = CAST(? AS TEXT) WHERE name = ?").run(bytes, name);
        });
        expect(() => opened(copy, requireStateSchema)).toThrow(damage);
      }),
      { numRuns: 500 },
    );
  }));

/** SQLite itself refuses most of them. */
const damage = {
  asymmetricMatch: (error: unknown) =>
    error instanceof IncompleteStateError || (error instanceof SqliteError && error.code === "SQLITE_CORRUPT"),
};
