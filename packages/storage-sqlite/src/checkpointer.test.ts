import { statSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { describe, expect, test, vi } from "vitest";
import { Checkpointer, type CheckpointLimits, logCheckpointLimits } from "./checkpointer.ts";
import { usingDataDir } from "./data-dir.testing.ts";
import { databasePath, openDatabase } from "./database.ts";

describe("the checkpointer", () => {
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
    const walFrames = () => Math.floor(statSync(`${databasePath(dataDir, "log")}-wal`).size / 4_120);
    await check({ dataDir, writer, checkpointer, write, walFrames }).finally(() => checkpointer.close());
    writer.close();
  });
}

test("the log is copied by the worker every thousand pages, and its WAL starts over at 64 MiB", () => {
  expect(logCheckpointLimits).toEqual({ waitingFrames: 1_000, walFramesMax: (64 * 1024 * 1024) / 4_096 });
});
