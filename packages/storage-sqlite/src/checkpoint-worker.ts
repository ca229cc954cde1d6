import { parentPort, workerData } from "node:worker_threads";
import Sqlite from "better-sqlite3";
import { setWriterPragmas } from "./database.ts";

/** Moves pages from a WAL into its database whenever it is told to, and says when it is done. `workerData` is the path of the database. */
const database = new Sqlite(workerData as string, { fileMustExist: true });
setWriterPragmas(database);

parentPort?.on("message", () => {
  try {
    // PASSIVE waits for nobody and makes nobody wait.
    database.pragma("wal_checkpoint(PASSIVE)");
  } catch {
    // The disk may be full, say. The writer sees from the WAL what still waits, and asks again.
  }
  parentPort?.postMessage("done");
});
