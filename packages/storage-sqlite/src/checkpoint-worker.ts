import { parentPort, workerData } from "node:worker_threads";
import Sqlite from "better-sqlite3";
import { setWriterPragmas } from "./database.ts";

/** Copies pages from a WAL to its database on each message, and replies when done. `workerData` is the path of the database. */
const database = new Sqlite(workerData as string, { fileMustExist: true });
setWriterPragmas(database);

parentPort?.on("message", () => {
  try {
    // PASSIVE neither waits nor blocks.
    database.pragma("wal_checkpoint(PASSIVE)");
  } catch {
    // For example a full disk. The writer sees the size of the WAL and asks again.
  }
  parentPort?.postMessage("done");
});
