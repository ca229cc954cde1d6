import { chmodSync, cpSync, readFileSync } from "node:fs";
import { foldAll } from "@trinity/storage/fold-log";
import type { StateRow } from "@trinity/storage/state-row";
import { batchOf, fillLog, newEvent, noonMs } from "@trinity/storage/store-examples";
import Sqlite from "better-sqlite3";
import { getTableConfig, type SQLiteTable } from "drizzle-orm/sqlite-core";
import { describe, expect, test } from "vitest";
import { decodeCompact } from "./compact-json.ts";
import { usingDataDir, usingStore } from "./data-dir.testing.ts";
import { type DatabaseName, databasePath, openDatabase } from "./database.ts";
import * as logSchema from "./log-schema.ts";
import * as operationsSchema from "./operations-schema.ts";
import { sqliteFaults } from "./sqlite-faults.testing.ts";
import * as stateSchema from "./state-schema.ts";

const schemas: readonly (readonly [DatabaseName, Readonly<Record<string, SQLiteTable>>])[] = [
  ["log", logSchema],
  ["state", stateSchema],
  ["operations", operationsSchema],
];

describe.each(schemas)("the migrations of %s.db", (name, schema) => {
  test("make the tables that the schema declares", () =>
    usingDataDir(async (dataDir) => {
      const database = openDatabase(dataDir, name, "readwrite");
      const made = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();
      const declared = Object.values(schema).map(getTableConfig);
      expect(made).toEqual(declared.map((table) => table.name).sort());
      for (const table of declared) {
        const columns = database
          .prepare('SELECT name, lower(type) AS type, "notnull" FROM pragma_table_info(?) ORDER BY cid')
          .all(table.name);
        expect(columns).toEqual(
          table.columns.map((column) => ({ name: column.name, type: column.getSQLType(), notnull: column.notNull ? 1 : 0 })),
        );
        const key = database.prepare("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk").pluck().all(table.name);
        const composite = table.primaryKeys[0]?.columns ?? table.columns.filter((column) => column.primary);
        expect(key).toEqual(composite.map((column) => column.name));
      }
      database.close();
    }));

  test.each(sqliteFaults)("cut off by $name at any call, they are made whole at the next start", (fault) =>
    usingDataDir(async (dataDir) => {
      let wasReached = true;
      for (let n = 1; wasReached; n++) {
        const dir = `${dataDir}/${n}`;
        const armed = fault.armNth(n);
        try {
          openDatabase(dir, name, "readwrite").close();
        } catch {
          // Meant to fail.
        }
        wasReached = armed.disarm();
        const database = openDatabase(dir, name, "readwrite");
        expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
        expect(database.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").pluck().get()).toBe(Object.keys(schema).length);
        database.close();
      }
    }),
  );
});

test("a state of the version before, whose entities had another shape, is empty: the fold makes it again from the log", () =>
  usingDataDir(async (dataDir) => {
    await usingStore(dataDir, (store) => fillLog(store, 9));
    const before = new Sqlite(databasePath(dataDir, "state"));
    chmodSync(databasePath(dataDir, "state"), 0o600);
    before.exec(readFileSync(new URL("../drizzle/state/0000_initial.sql", import.meta.url), "utf8"));
    before.exec("INSERT INTO cell_set VALUES (1, 'vote'), (2, 'event')");
    before.exec("INSERT INTO cell VALUES (1, 0, 60000, '', 0, x'0002'), (2, 2, 0, '', 0, x'0002')");
    before.exec(`INSERT INTO entity VALUES ('room', 'room-1', '{"members":["ana"]}')`);
    before.exec("UPDATE mark SET seq = 9, revision = 9, users = 1");
    before.pragma("user_version = 1");
    before.pragma("application_id = 0");
    before.close();
    await usingStore(dataDir, async (store) => {
      // Caches key on the revision: it never goes back.
      expect(await store.readWatermark()).toEqual({ seq: 0, revision: 10, users: 0, minutesFromMs: 0 });
      expect(await store.scanEntities("room", "", 10)).toEqual([]);
      expect((await store.readRollups([{ set: "event", tier: "day", fromMs: 0, toMs: 1 }])).cells).toEqual([[]]);
      expect(await store.readVerification()).toMatchObject({ buckets: 0, pending: 0 });
    });
  }));

test("a state whose entities are JSON gives the same rows, and goes on with them", () =>
  usingDataDir(async (folder) => {
    const [dataDir, before] = [`${folder}/now`, `${folder}/before`];
    const later = batchOf(Array.from({ length: 8 }, (_, i) => newEvent(`later-${i}`, { timestampMs: noonMs + i * 1_000 })));
    await usingStore(dataDir, async (store) => {
      await fillLog(store, 9);
      await foldAll(store, () => noonMs);
    });
    cpSync(dataDir, before, { recursive: true });
    withJsonEntities(databasePath(before, "state"));
    const [rows, rowsBefore] = await Promise.all(
      [dataDir, before].map(async (dir) => {
        const found: (readonly StateRow[])[] = [];
        await usingStore(dir, async (store) => {
          found.push((await store.scanState(null, 10_000)).rows);
          await store.append(later);
          await foldAll(store, () => noonMs);
          found.push((await store.scanState(null, 10_000)).rows);
        });
        return found;
      }),
    );
    expect(rows?.[1]?.length).toBeGreaterThan(rows?.[0]?.length as number);
    expect(rowsBefore).toEqual(rows);
  }));

/** Makes a state what the version before left. */
function withJsonEntities(path: string): void {
  const state = new Sqlite(path);
  const rows = state.prepare<[], { kind: string; key: string; value: Buffer }>("SELECT kind, key, value FROM entity").all();
  state.exec("DROP TABLE entity");
  state.exec(
    "CREATE TABLE `entity` (`kind` text NOT NULL, `key` text NOT NULL, `value` text NOT NULL, PRIMARY KEY(`kind`, `key`)) STRICT, WITHOUT ROWID",
  );
  const put = state.prepare("INSERT INTO entity VALUES (?, ?, ?)");
  for (const { kind, key, value } of rows) put.run(kind, key, JSON.stringify(decodeCompact(value)));
  const id = state.pragma("application_id", { simple: true }) as number;
  const version = state.pragma("user_version", { simple: true }) as number;
  state.pragma("user_version = 5");
  state.pragma(`application_id = ${id - version + 5}`);
  state.close();
}

/** What a program with one migration more leaves. */
function makeNewer(database: Sqlite.Database): void {
  const [version, id] = ["user_version", "application_id"].map((name) => database.pragma(name, { simple: true }) as number);
  database.pragma(`user_version = ${(version as number) + 1}`);
  database.pragma(`application_id = ${(id as number) + 1}`);
}

describe.each(["log", "state", "operations"] as const)("the version of %s.db", (name) => {
  test("when it is newer than this program is refused with what to do, and the file is left alone", () =>
    usingDataDir(async (dataDir) => {
      const database = openDatabase(dataDir, name, "readwrite");
      makeNewer(database);
      const before = database.prepare("SELECT * FROM pragma_user_version, pragma_application_id").all();
      for (const mode of ["readwrite", "readonly"] as const) {
        expect(() => openDatabase(dataDir, name, mode)).toThrow(
          `${name}.db was written by a newer version of this program; start that version`,
        );
      }
      expect(database.prepare("SELECT * FROM pragma_user_version, pragma_application_id").all()).toEqual(before);
      database.close();
    }));

  test.each(["user_version = 99", "user_version = 0", "application_id = 99"])("is damage when no program wrote it: %s", (pragma) =>
    usingDataDir(async (dataDir) => {
      const database = openDatabase(dataDir, name, "readwrite");
      database.pragma(pragma);
      for (const mode of ["readwrite", "readonly"] as const) {
        expect(() => openDatabase(dataDir, name, mode)).toThrow(expect.objectContaining({ code: "SQLITE_NOTADB" }));
      }
      database.close();
    }),
  );

  test("of a file of before it was written down twice is believed, and then written down", () =>
    usingDataDir(async (dataDir) => {
      const database = openDatabase(dataDir, name, "readwrite");
      const id = database.pragma("application_id", { simple: true });
      database.pragma("application_id = 0");
      openDatabase(dataDir, name, "readonly").close();
      openDatabase(dataDir, name, "readwrite").close();
      expect(database.pragma("application_id", { simple: true })).toBe(id);
      database.close();
    }));
});
