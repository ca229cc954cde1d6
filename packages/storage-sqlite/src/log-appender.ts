import type { AppendBatch, AppendOutcome } from "@trinity/storage/event-store";
import type { Database } from "better-sqlite3";
import { Checkpointer, logCheckpointLimits } from "./checkpointer.ts";
import { takeFolderLock } from "./folder-lock.ts";
import { LogWriter } from "./log-writer.ts";
import { requireWritable } from "./write-transaction.ts";

/** The appending side of a log, of which there is one at a time. */
export type LogAppender = { append(batch: AppendBatch): AppendOutcome; close(): Promise<void> };

/** @throws {StoreUnavailableError} while another process appends */
export function openLogAppender(dataDir: string, database: Database): LogAppender {
  requireWritable(database);
  const lock = takeFolderLock(dataDir, "log-writer");
  try {
    const writer = new LogWriter(database);
    const checkpointer = new Checkpointer(database, logCheckpointLimits);
    return {
      append: (batch) => {
        const outcome = writer.append(batch);
        checkpointer.afterCommit();
        return outcome;
      },
      close: async () => {
        // First: who opens the log anew after an error of the disk must not find it taken. A checkpoint that still runs harms nobody.
        lock.release();
        await checkpointer.close();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
