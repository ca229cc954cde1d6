import { statSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { Database } from "better-sqlite3";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Checkpointer, type CheckpointLimits, logCheckpointLimits } from "./checkpointer.ts";
import { usingDataDir } from "./data-dir.testing.ts";
import { databasePath, openDatabase } from "./database.ts";

test("the writer finishes the checkpoint when the WAL reaches its limit, then each time it grew on by as much as waits, and from the limit again once it starts over", () => {
  const wal = { busy: 0, log: 0, checkpointed: 0 };
  let finished = 0;
  const sizes: Readonly<Record<string, () => typeof wal>> = {
    "PRAGMA wal_checkpoint(NOOP)": () => wal,
    "PRAGMA wal_checkpoint(PASSIVE)": () => ((finished += 1), wal),
  };
  const database = { pragma: () => undefined, prepare: (sql: string) => ({ get: sizes[sql] }) } as unknown as Database;
  const checkpointer = new Checkpointer(database, { waitingFrames: 20, walFramesMax: 50 });
  for (const [log, finishes] of [
    [49, 0],
    [50, 1],
    [50, 1],
    [69, 1],
    [70, 2],
    [89, 2],
    [90, 3],
    [60, 4],
    [79, 4],
    [80, 5],
    [1, 5],
    [49, 5],
    [50, 6],
  ] as const) {
    Object.assign(wal, { log, checkpointed: log });
    checkpointer.afterCommit();
    expect(finished, `at ${log} frames`).toBe(finishes);
  }
});

describe("the worker", () => {
  test("is asked when so many frames wait, not while it works, and again for what waits when it is done", () =>
    usingCheckpointer({ waitingFrames: 10, walFramesMax: 100_000 }, async ({ writer, checkpointer, writeFrame }) => {
      const asked = watchWorker();
      writer.pragma("wal_checkpoint(TRUNCATE)");
      const asksAfter = (frames: number) => {
        for (let i = 0; i < frames; i++) writeFrame();
        return asked.length;
      };
      expect([asksAfter(9), asksAfter(1), asksAfter(15)]).toEqual([0, 1, 1]);
      asked[0]?.emit("message");
      expect(asksAfter(1)).toBe(2);
      asked[0]?.emit("message");
      // Others may copy what waits as well.
      writer.pragma("wal_checkpoint(PASSIVE)");
      checkpointer.afterCommit();
      expect(asked).toHaveLength(2);
      writeFrame();
      writer.pragma("wal_checkpoint(PASSIVE)");
      expect([asksAfter(9), asksAfter(1)]).toEqual([2, 3]);
      expect(new Set(asked).size).toBe(1);
    }));

  test("is asked no more once it failed, also where it failed at rest", () =>
    usingCheckpointer({ waitingFrames: 1, walFramesMax: 100_000 }, async ({ writeFrame }) => {
      const asked = watchWorker();
      writeFrame();
      asked[0]?.emit("message");
      asked[0]?.emit("error", new Error("out of memory"));
      writeFrame();
      expect(asked).toHaveLength(1);
    }));

  test("keeps no process alive, and is over when the checkpointer is closed", () =>
    usingCheckpointer({ waitingFrames: 1, walFramesMax: 100_000 }, async ({ checkpointer, writeFrame }) => {
      const unref = vi.spyOn(Worker.prototype, "unref");
      onTestFinished(() => unref.mockRestore());
      const asked = watchWorker();
      writeFrame();
      const [worker] = asked as [Worker];
      expect([unref.mock.contexts, worker.threadId > 0]).toEqual([[worker], true]);
      await checkpointer.close();
      expect(worker.threadId).toBe(-1);
    }));
});

/** @returns for each time that a worker is asked, which one it was; it is never told */
function watchWorker(): readonly Worker[] {
  const asked: Worker[] = [];
  const spy = vi.spyOn(Worker.prototype, "postMessage").mockImplementation(function (this: Worker) {
    asked.push(this);
  });
  onTestFinished(() => spy.mockRestore());
  return asked;
}

describe("the checkpointer", () => {
  test("leaves nothing to SQLite itself, which would copy on the thread that commits", () =>
    usingCheckpointer(logCheckpointLimits, async ({ writer }) => {
      expect(writer.pragma("wal_autocheckpoint", { simple: true })).toBe(0);
    }));

  test("has a worker copy what waits, while the writer only commits", () =>
    usingCheckpointer({ waitingFrames: 10, walFramesMax: 100_000 }, async ({ writer, write }) => {
      for (let i = 0; i < 20; i++) write();
      const walSize = () => (writer.pragma("wal_checkpoint(NOOP)") as [{ log: number; checkpointed: number }])[0];
      expect(walSize().log).toBeGreaterThanOrEqual(20);
      await vi.waitFor(() => expect(walSize().checkpointed).toBeGreaterThanOrEqual(10), { timeout: 20_000 });
    }));

  test("keeps the WAL bounded by itself where no worker keeps up", () =>
    usingCheckpointer({ waitingFrames: Number.POSITIVE_INFINITY, walFramesMax: 50 }, async ({ write, walFrames }) => {
      for (let i = 0; i < 500; i++) write();
      expect(walFrames()).toBeLessThan(100);
    }));

  test("lets the WAL grow while a reader holds an old snapshot, and starts it over afterwards", () =>
    usingCheckpointer({ waitingFrames: 20, walFramesMax: 50 }, async ({ dataDir, write, walFrames }) => {
      const reader = openDatabase(dataDir, "log", "readonly");
      reader.exec("BEGIN");
      reader.prepare("SELECT count(*) FROM refusal").get();
      for (let i = 0; i < 200; i++) write();
      const grown = walFrames();
      expect(grown).toBeGreaterThanOrEqual(200);
      reader.close();
      for (let i = 0; i < 200; i++) write();
      expect(walFrames()).toBeLessThan(grown + 100);
    }));

  test("fails no commit when it cannot checkpoint", () =>
    usingCheckpointer({ waitingFrames: 1, walFramesMax: 1 }, async ({ writer, checkpointer }) => {
      writer.close();
      expect(() => checkpointer.afterCommit()).not.toThrow();
    }));
});

type Subject = {
  readonly dataDir: string;
  readonly writer: Database;
  readonly checkpointer: Checkpointer;
  /** Commits one small row. */
  readonly write: () => void;
  /** Commits one change of one page. */
  readonly writeFrame: () => void;
  /** How many frames the WAL file has room for. */
  readonly walFrames: () => number;
};

function usingCheckpointer(limits: CheckpointLimits, check: (subject: Subject) => Promise<void>): Promise<void> {
  return usingDataDir(async (dataDir) => {
    const writer = openDatabase(dataDir, "log", "readwrite");
    const checkpointer = new Checkpointer(writer, limits);
    const insert = writer.prepare("INSERT INTO refusal VALUES (randomblob(16), 0, 'too_old')");
    const write = () => {
      insert.run();
      checkpointer.afterCommit();
    };
    let version = 0;
    const writeFrame = () => {
      writer.pragma(`user_version = ${(version += 1)}`);
      checkpointer.afterCommit();
    };
    const walFrames = () => Math.floor(statSync(`${databasePath(dataDir, "log")}-wal`).size / 4_120);
    await check({ dataDir, writer, checkpointer, write, writeFrame, walFrames }).finally(() => checkpointer.close());
    writer.close();
  });
}

test("the log is copied by the worker every thousand pages, and its WAL starts over at 64 MiB", () => {
  expect(logCheckpointLimits).toEqual({ waitingFrames: 1_000, walFramesMax: (64 * 1024 * 1024) / 4_096 });
});
