import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { usingDataDir } from "./data-dir.testing.ts";
import { databasePath, openDatabase } from "./database.ts";
import { isSafeSqlite } from "./sqlite-version.ts";

test.each([
  ["3.51.2", false],
  ["3.7.0", false],
  ["3.51.3", true],
  ["3.54.1", true],
  ["4.0.0", true],
])("SQLite %s is safe with several connections: %s", (version, isSafe) => {
  expect(isSafeSqlite(version)).toBe(isSafe);
});

test("a writer keeps a WAL, syncs every commit, and says so also after it has written", () =>
  usingDataDir(async (dataDir) => {
    const database = openDatabase(dataDir, "state", "readwrite");
    database.exec("INSERT INTO entity VALUES ('title', 'movie:1', x'7b7d')");
    expect(database.pragma("journal_mode", { simple: true })).toBe("wal");
    expect(database.pragma("synchronous", { simple: true })).toBe(2);
    database.close();
  }));

test("a shadow state is written without a sync", () =>
  usingDataDir(async (dataDir) => {
    const database = openDatabase(dataDir, "state", "shadow");
    database.exec("INSERT INTO entity VALUES ('title', 'movie:1', x'7b7d')");
    expect([database.pragma("journal_mode", { simple: true }), database.pragma("synchronous", { simple: true })]).toEqual(["wal", 1]);
    database.close();
  }));

test("what is deleted is no longer in the file", () =>
  usingDataDir(async (dataDir) => {
    const database = openDatabase(dataDir, "state", "readwrite");
    const secret = "who-was-deleted";
    const fileHolds = () => {
      database.pragma("wal_checkpoint(TRUNCATE)");
      return readFileSync(databasePath(dataDir, "state")).includes(secret);
    };
    for (let i = 0; i < 500; i++) database.prepare("INSERT INTO entity VALUES ('user', ?, ?)").run(`${secret}-${i}`, Buffer.from(secret));
    expect(fileHolds()).toBe(true);
    database.exec("DELETE FROM entity");
    expect(fileHolds()).toBe(false);
    database.close();
  }));
