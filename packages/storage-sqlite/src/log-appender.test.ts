import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { DamagedDataError, StoreTakenError } from "@trinity/storage/event-store";
import { batchOf, newEvent } from "@trinity/storage/store-examples";
import { SqliteError } from "better-sqlite3";
import { expect, onTestFinished, test, vi } from "vitest";
import { acknowledgedHeadPath, readAcknowledgedHead } from "./acknowledged-head.ts";
import { Checkpointer } from "./checkpointer.ts";
import { digestOf } from "./chunk-digest.ts";
import { usingDataDir } from "./data-dir.testing.ts";
import { databasePath, type OpenMode, openDatabase } from "./database.ts";
import { folderLockPath } from "./folder-lock.ts";
import { openLogAppender } from "./log-appender.ts";
import { openCount, tellsOpenFiles } from "./open-count.testing.ts";
import { sqliteFaults } from "./sqlite-faults.testing.ts";

/** A log in a new folder; what a test opens on it is closed at its end. */
function usingLog(check: (log: ReturnType<typeof logIn>) => Promise<void>): Promise<void> {
  return usingDataDir(async (dataDir) => {
    const log = logIn(dataDir);
    try {
      await check(log);
    } finally {
      await log.close();
    }
  });
}

function logIn(dataDir: string) {
  const closings: (() => unknown)[] = [];
  const connect = (mode: OpenMode = "readwrite") => {
    const database = openDatabase(dataDir, "log", mode);
    closings.push(() => database.close());
    return database;
  };
  const appender = (database = connect()) => {
    const opened = openLogAppender(dataDir, database);
    closings.push(() => opened.close());
    return opened;
  };
  const close = async () => {
    for (const closing of closings.reverse()) await closing();
  };
  return { dataDir, connect, appender, close };
}

/** Watches what the appender asks of the checkpoints; they are made all the same. */
function watchCheckpoints() {
  const watched = [vi.spyOn(Checkpointer.prototype, "afterCommit"), vi.spyOn(Checkpointer.prototype, "close")] as const;
  onTestFinished(() => {
    for (const spy of watched) spy.mockRestore();
  });
  const [afterCommit, close] = watched;
  return { afterCommit, close };
}

test("each commit is named in the file beside the log before it is acknowledged; a batch of nothing makes none", () =>
  usingLog(async ({ dataDir, connect, appender }) => {
    const database = connect();
    const bodyOf = database.prepare<[number], Uint8Array>("SELECT body FROM chunk WHERE seq = ?").pluck();
    const { append } = appender(database);
    expect([append(batchOf([])), readAcknowledgedHead(dataDir)]).toEqual([{ duplicate: [] }, null]);
    for (const seq of [1, 2]) {
      expect(append(batchOf([newEvent(`e${seq}`)]))).toEqual({ duplicate: [false] });
      expect(readAcknowledgedHead(dataDir)).toEqual(digestOf(seq, bodyOf.get(seq) as Uint8Array));
    }
    const before = readAcknowledgedHead(dataDir);
    append(batchOf([]));
    expect(readAcknowledgedHead(dataDir)).toEqual(before);
  }));

test("an event that was appended before is a duplicate, also by another appender", () =>
  usingLog(async ({ appender }) => {
    const first = appender();
    first.append(batchOf([newEvent("a")]));
    await first.close();
    expect(appender().append(batchOf([newEvent("a"), newEvent("b")]))).toEqual({ duplicate: [true, false] });
  }));

test("one process appends at a time: another fails because the log is taken, until the first closes", () =>
  usingLog(async ({ appender }) => {
    const first = appender();
    expect(() => appender()).toThrow(StoreTakenError);
    await first.close();
    expect(appender().append(batchOf([newEvent("a")]))).toEqual({ duplicate: [false] });
  }));

test("on a connection that only reads nothing is opened, and the log is not taken", () =>
  usingLog(async ({ dataDir, connect, appender }) => {
    connect();
    const files = readdirSync(dataDir).sort();
    expect(() => appender(connect("readonly"))).toThrow("this store was opened readonly");
    expect(readdirSync(dataDir).sort()).toEqual(files);
  }));

test("an opening that failed leaves the log free, and works once its reason has gone", () =>
  usingLog(async ({ dataDir, connect, appender }) => {
    const database = connect();
    mkdirSync(acknowledgedHeadPath(dataDir));
    for (let i = 0; i < 2; i++) expect(() => appender(database)).toThrow("EISDIR");
    rmdirSync(acknowledgedHeadPath(dataDir));
    expect(appender(database).append(batchOf([newEvent("a")]))).toEqual({ duplicate: [false] });
  }));

const files = [
  ["log.db", (dataDir: string) => databasePath(dataDir, "log")],
  ["log.db-wal", (dataDir: string) => `${databasePath(dataDir, "log")}-wal`],
  ["log-writer.lock", (dataDir: string) => folderLockPath(dataDir, "log-writer")],
  ["log.head", acknowledgedHeadPath],
] as const;

test.each(files)("nothing is acknowledged any more once %s was moved away, or another file is in its place", (name, pathOf) =>
  usingLog(async ({ dataDir, appender }) => {
    const { append } = appender();
    append(batchOf([newEvent("a")]));
    const path = pathOf(dataDir);
    renameSync(path, `${path}.moved`);
    expect(() => append(batchOf([newEvent("b")]))).toThrow(DamagedDataError);
    expect(() => append(batchOf([]))).toThrow(`${name} is gone`);
    renameSync(`${path}.moved`, path);
    expect(append(batchOf([newEvent("c")]))).toEqual({ duplicate: [false] });
    rmSync(path);
    mkdirSync(path);
    expect(() => append(batchOf([newEvent("d")]))).toThrow(`${name} is another file`);
  }),
);

test("a commit that fails is not named as acknowledged, asks for no checkpoint, and the batch can be appended again", () =>
  usingLog(async ({ dataDir, appender }) => {
    const { afterCommit } = watchCheckpoints();
    const { append } = appender();
    append(batchOf([newEvent("a")]));
    const acknowledged = readAcknowledgedHead(dataDir);
    const [diskFull] = sqliteFaults;
    const fault = diskFull?.armNth(1);
    onTestFinished(() => void fault?.disarm());
    expect(() => append(batchOf([newEvent("b")]))).toThrow(SqliteError);
    fault?.disarm();
    expect([readAcknowledgedHead(dataDir), afterCommit.mock.calls.length]).toEqual([acknowledged, 1]);
    expect(append(batchOf([newEvent("b")]))).toEqual({ duplicate: [false] });
    expect(afterCommit).toHaveBeenCalledTimes(2);
  }));

test("an appender that closes frees the log at once, and is closed when its last checkpoint has ended", () =>
  usingLog(async ({ appender }) => {
    const { close } = watchCheckpoints();
    const ending = Promise.withResolvers<void>();
    close.mockReturnValueOnce(ending.promise);
    const first = appender();
    let isClosed = false;
    const closing = first.close().then(() => (isClosed = true));
    expect(appender().append(batchOf([newEvent("a")]))).toEqual({ duplicate: [false] });
    await new Promise(setImmediate);
    expect([close.mock.calls.length, isClosed]).toEqual([1, false]);
    ending.resolve();
    await closing;
  }));

test.runIf(tellsOpenFiles)("an appender that closed, or could not be opened, keeps no file open", () =>
  usingLog(async ({ dataDir, connect, appender }) => {
    const paths = [acknowledgedHeadPath(dataDir), folderLockPath(dataDir, "log-writer")];
    const database = connect();
    const first = appender(database);
    expect(paths.map(openCount)).toEqual([1, 1]);
    await first.close();
    expect(paths.map(openCount)).toEqual([0, 0]);
    database.exec("DROP TABLE chunk");
    expect(() => appender(database)).toThrow("no such table");
    expect(paths.map(openCount)).toEqual([0, 0]);
  }),
);
