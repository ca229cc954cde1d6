import type { EventStore } from "@trinity/storage/event-store";
import type { Database } from "better-sqlite3";
import { type OpenMode, openDatabase } from "./database.ts";
import { FoldState } from "./fold-state.ts";
import { openLogAppender } from "./log-appender.ts";
import { LogReader } from "./log-reader.ts";
import { openLog } from "./open-log.ts";
import { type OpenedFiles, openedFiles } from "./opened-files.ts";
import { type OpenedOnce, openedOnce } from "./opened-once.ts";
import { attempt } from "./unavailable.ts";

export type SqliteStoreSettings = {
  readonly dataDir: string;
  /** `readonly` opens nothing for writing and waits, by `StoreUnavailableError`, for the files to be made by another process. */
  readonly mode: OpenMode;
};

/**
 * The event store on SQLite files in one directory. Each file is opened when it is first needed: who only appends never loads the state.
 * Any number of stores, in any number of threads and processes, may read and fold; the first that appends keeps all others from it
 * until it closes or its process ends. (An empty batch makes no chunk, so appending one is how to claim the log.)
 */
export function openSqliteStore({ dataDir, mode }: SqliteStoreSettings): EventStore {
  // A derivation has no log of its own.
  const hasLog = mode !== "derivation";
  const logFile = openedOnce(() => watchedFile(openLog(dataDir, mode)), closeFile);
  const stateFile = openedOnce(() => {
    // No answer comes from a state whose log is not the one that it was made from.
    if (hasLog) logFile.get();
    return watchedFile(openDatabase(dataDir, "state", mode));
  }, closeFile);
  const logReader = openedOnce(() => new LogReader(logFile.get().database), nothingToClose);
  const foldState = openedOnce(() => new FoldState(stateFile.get().database), nothingToClose);
  const log = inPlace(logFile, logReader);
  const state = inPlace(stateFile, foldState);
  const appender = openedOnce(
    () => openLogAppender(dataDir, logFile.get().database),
    (opened) => opened.close(),
  );

  return {
    append: (batch) => attempt(() => appender.get().append(batch)),
    eventStatus: (key) => attempt(() => log.get().statusOf(key)),

    headSeq: () => attempt(() => log.get().headSeq()),
    readChunks: (afterSeq, eventsMax) => attempt(() => log.get().readChunks(afterSeq, eventsMax)),
    readChunksInRange: (range, eventsMax) => attempt(() => log.get().readChunksInRange(range, eventsMax)),

    readMark: () => attempt(() => state.get().readMark()),
    readEntities: (reads) => attempt(() => state.get().readEntities(reads)),
    scanEntities: (kind, afterKey, limit) => attempt(() => state.get().entities.scan(kind, afterKey, limit)),
    commitFold: (step) =>
      attempt(() => {
        const outcome = state.get().commit(step, hasLog ? log.get().digestOf(step.to.seq) : null);
        stateFile.get().files.requireInPlace();
        return outcome;
      }),
    // A negative limit is none.
    readFoldTimes: (afterSeq = 0, limit = -1) => attempt(() => state.get().trail.foldTimes(afterSeq, limit)),
    readChunksOf: (kind, key) =>
      attempt(() =>
        state
          .get()
          .trail.seqsOf(kind, key)
          .map((seq) => log.get().readChunk(seq)),
      ),

    readRollups: (ranges, userRanges = []) =>
      attempt(() => {
        // Read first: what is acknowledged while the cells are read need not be in them. But never behind the mark, which may move on.
        const headSeq = log.get().headSeq();
        const { mark, cells, users } = state.get().readCells(ranges, userRanges);
        return { mark, headSeq: Math.max(headSeq, mark.seq), cells, users };
      }),

    scanParts: (after, limit) => attempt(() => state.get().scanParts(after, limit)),
    commitRepair: (step) => attempt(() => state.get().repair(step)),
    markBuckets: (checks, checkedAtMs) => attempt(() => state.get().markBuckets(checks, checkedAtMs)),
    freezeBefore: (beforeMs) => attempt(() => state.get().freezeBefore(beforeMs)),
    recordCycle: (cycle) => attempt(() => state.get().recordCycle(cycle)),
    readVerification: () => attempt(() => state.get().readVerification()),

    close: async () => {
      await appender.close();
      await Promise.all([logReader, foldState, logFile, stateFile].map((opened) => opened.close()));
    },
  };
}

type WatchedFile = { readonly database: Database; readonly files: OpenedFiles };

function watchedFile(database: Database): WatchedFile {
  return { database, files: openedFiles([database.name, ...(database.readonly ? [] : [`${database.name}-wal`])]) };
}

function closeFile({ database }: WatchedFile): void {
  database.close();
}

/** @returns what was opened over a file, as long as that is the one in the folder */
function inPlace<Opened>(file: OpenedOnce<WatchedFile>, over: OpenedOnce<Opened>): Pick<OpenedOnce<Opened>, "get"> {
  return {
    get: () => {
      const opened = over.get();
      file.get().files.requireInPlace();
      return opened;
    },
  };
}

function nothingToClose(): void {}
