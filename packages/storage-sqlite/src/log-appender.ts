import type { AppendBatch, AppendOutcome } from "@trinity/storage/event-store";
import type { Database } from "better-sqlite3";
import { acknowledgedHeadPath, openAcknowledgedHead } from "./acknowledged-head.ts";
import { Checkpointer, logCheckpointLimits } from "./checkpointer.ts";
import { folderLockPath, takeFolderLock } from "./folder-lock.ts";
import { LogWriter } from "./log-writer.ts";
import { openedFiles } from "./opened-files.ts";
import { requireWritable } from "./write-transaction.ts";

/** The writer of a log; there is one at a time. */
export type LogAppender = { append(batch: AppendBatch): AppendOutcome; close(): Promise<void> };

/** @throws {StoreUnavailableError} while another process appends */
export function openLogAppender(dataDir: string, database: Database): LogAppender {
  requireWritable(database);
  const lock = takeFolderLock(dataDir, "log-writer");
  const opened = new DisposableStack();
  opened.defer(() => lock.release());
  try {
    const writer = new LogWriter(database);
    const checkpointer = new Checkpointer(database, logCheckpointLimits);
    const head = openAcknowledgedHead(dataDir);
    opened.defer(() => head.close());
    const files = openedFiles(database.name, `${database.name}-wal`, folderLockPath(dataDir, "log-writer"), acknowledgedHeadPath(dataDir));
    files.noteOpened();
    return {
      append: (batch) => {
        const { outcome, chunk } = writer.append(batch);
        if (chunk !== null) head.write(chunk);
        // After the commit, so that files deleted before or during it are noticed before anything is acknowledged.
        files.requireInPlace();
        checkpointer.afterCommit();
        return outcome;
      },
      close: async () => {
        // First, so that the log can be reopened after a disk error. A checkpoint that still runs does no harm.
        opened.dispose();
        await checkpointer.close();
      },
    };
  } catch (error) {
    opened.dispose();
    throw error;
  }
}
