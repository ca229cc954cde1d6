import { statSync, writeFileSync } from "node:fs";
import { StoreTakenError } from "@trinity/storage/event-store";
import Sqlite, { SqliteError } from "better-sqlite3";
import { expect, onTestFinished, test, vi } from "vitest";
import { usingDataDir } from "./data-dir.testing.ts";
import { folderLockPath, takeFolderLock, takeStartLock } from "./folder-lock.ts";

test("a lock of a folder is exclusive: others fail at once with what is taken, until it is released", () =>
  usingDataDir(async (dataDir) => {
    const held = takeFolderLock(dataDir, "verifier");
    for (let i = 0; i < 2; i++) {
      expect(() => takeFolderLock(dataDir, "verifier")).toThrow(StoreTakenError);
      expect(() => takeFolderLock(dataDir, "verifier")).toThrow("another process verifies or rebuilds this data folder; only one may");
    }
    held.release();
    takeFolderLock(dataDir, "verifier").release();
  }));

test("locks of other names, and of other folders, are free", () =>
  usingDataDir((dataDir) =>
    usingDataDir(async (other) => {
      const held = [takeFolderLock(dataDir, "verifier"), takeFolderLock(dataDir, "state"), takeFolderLock(other, "verifier")];
      expect(held).toHaveLength(3);
      for (const lock of held) lock.release();
    }),
  ));

test("a start takes the folder once, leaves the log to others, and is refused while another has the log", () =>
  usingDataDir(async (dataDir) => {
    const held = takeStartLock(dataDir);
    expect(() => takeStartLock(dataDir)).toThrow(/^another npm start/);
    const log = takeFolderLock(dataDir, "log-writer");
    held.release();
    for (let i = 0; i < 2; i++) expect(() => takeStartLock(dataDir)).toThrow("another process appends to this log; only one may");
    log.release();
    takeStartLock(dataDir).release();
  }));

test("a lock file that is damaged is not taken by another", () =>
  usingDataDir(async (dataDir) => {
    writeFileSync(folderLockPath(dataDir, "state"), "not a database ".repeat(1_000), { mode: 0o600 });
    for (const thrown of [SqliteError, "file is not a database"]) expect(() => takeFolderLock(dataDir, "state")).toThrow(thrown);
  }));

test("the file of a lock is its owner's alone, and a connection that found it taken is closed", () =>
  usingDataDir(async (dataDir) => {
    const closed = vi.spyOn(Sqlite.prototype, "close");
    onTestFinished(() => closed.mockRestore());
    const held = takeFolderLock(dataDir, "state");
    expect(statSync(folderLockPath(dataDir, "state")).mode & 0o777).toBe(0o600);
    expect(() => takeFolderLock(dataDir, "state")).toThrow(StoreTakenError);
    expect(closed).toHaveBeenCalledTimes(1);
    held.release();
    expect(closed).toHaveBeenCalledTimes(2);
  }));
