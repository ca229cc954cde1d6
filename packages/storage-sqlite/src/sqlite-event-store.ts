import type { EventStore } from "@trinity/storage/event-store";
import { databasePath, type OpenMode } from "./database.ts";
import { openLogAppender } from "./log-appender.ts";
import { LogReader } from "./log-reader.ts";
import { openLog } from "./open-log.ts";
import { openedFiles } from "./opened-files.ts";
import { openedOnce } from "./opened-once.ts";
import { StateFile, type StateOwner } from "./state-file.ts";
import { attemptOn } from "./unavailable.ts";

export type SqliteStoreSettings = {
  readonly dataDir: string;
  /** `readonly` never writes, and throws `StoreUnavailableError` until another process has created the files. */
  readonly mode: OpenMode;
  /** Makes this store the one that rebuilds a damaged `state.db` from the log. Only the process that appends may set it. */
  readonly rebuilds?: Pick<StateOwner, "nowMs" | "onQuarantined">;
};

/**
 * The event store on SQLite files in one directory. Each file is opened at its first use.
 * Any number of stores, in any threads and processes, can read and fold. The first that appends excludes all others from appending until
 * it closes or its process ends. An empty batch makes no chunk, so appending one claims the log.
 */
export function openSqliteStore({ dataDir, mode, rebuilds }: SqliteStoreSettings): EventStore {
  const logPlace = openedFiles(databasePath(dataDir, "log"));
  const logFile = openedOnce(
    () => {
      const database = openLog(dataDir, mode);
      logPlace.noteOpened();
      return database;
    },
    (database) => void database.close(),
  );
  const log = openedOnce(() => new LogReader(logFile.get()), nothingToClose);
  const logEnds = () => ({ firstSeq: log.get().firstSeq(), headSeq: log.get().headSeq() });
  const state = new StateFile({ dataDir, mode, ...(rebuilds === undefined ? {} : { owner: { ...rebuilds, logEnds } }) });
  const appender = openedOnce(
    () => openLogAppender(dataDir, logFile.get()),
    (opened) => opened.close(),
  );

  // A shadow state has no log of its own.
  const hasLog = mode !== "shadow";
  const attempt = attemptOn({
    // Damage of the state already has its own error.
    file: hasLog ? "log.db" : null,
    reopen: () => {
      // Owners of statements before their connection.
      for (const opened of [appender, log, state, logFile]) opened.reopen();
    },
  });
  /** Runs a unit of work. Fails if the log file is no longer the one that was opened. */
  const run = <Result>(work: () => Result) =>
    attempt(() => {
      logPlace.requireInPlace();
      return work();
    });
  /** The same for the state: it is not read if it was made from another log. */
  const runOnState = <Result>(work: () => Result) =>
    run(() => {
      if (hasLog) logFile.get();
      return work();
    });

  return {
    append: (batch) => run(() => appender.get().append(batch)),
    eventStatus: (key) => run(() => log.get().statusOf(key)),

    headSeq: () => run(() => log.get().headSeq()),
    readChunks: (afterSeq, eventsMax) => run(() => log.get().readChunks(afterSeq, eventsMax)),
    readChunksInRanges: (ranges, eventsMax) => run(() => log.get().readChunksInRanges(ranges, eventsMax)),

    readWatermark: () => runOnState(() => state.fold((folded) => folded.readWatermark())),
    readEntities: (reads) => runOnState(() => state.fold((folded) => folded.readEntities(reads))),
    readParts: (kind, entityKeys) => runOnState(() => state.answer((folded) => folded.readParts(kind, entityKeys))),
    scanEntities: (kind, afterKey, limit) => runOnState(() => state.answer(({ entities }) => entities.scan(kind, afterKey, limit))),
    commitFold: (step) =>
      runOnState(() => {
        // Read first: an error of the log is no damage of the state.
        const chunk = hasLog ? log.get().digestOf(step.to.seq) : null;
        return state.fold((folded) => folded.commit(step, chunk));
      }),
    // A negative limit means no limit.
    readFoldTimes: (afterSeq = 0, limit = -1) => runOnState(() => state.fold(({ trail }) => trail.foldTimes(afterSeq, limit))),
    readChunksOfUser: (userId) =>
      runOnState(() => state.answer(({ trail }) => trail.seqsOf(userId)).map((seq) => log.get().readChunk(seq))),

    readRollups: (ranges, userRanges = []) =>
      runOnState(() => {
        // Read before the cells, which may miss later chunks; but never less than their watermark, which may move meanwhile.
        const headSeq = log.get().headSeq();
        const { watermark, cells, users } = state.answer((folded) => folded.readCells(ranges, userRanges));
        return { watermark, headSeq: Math.max(headSeq, watermark.seq), cells, users };
      }),

    scanState: (after, limit) => runOnState(() => state.answer((folded) => folded.scanState(after, limit))),
    commitRepair: (step) => runOnState(() => state.answer((folded) => folded.repair(step))),
    setBucketStatus: (checks, checkedAtMs) => runOnState(() => state.answer((folded) => folded.setBucketStatus(checks, checkedAtMs))),
    freezeBefore: (beforeMs) => runOnState(() => state.answer((folded) => folded.freezeBefore(beforeMs))),
    readPendingDays: () => runOnState(() => state.answer((folded) => folded.pendingDays())),
    recordCycle: (cycle) => runOnState(() => state.answer((folded) => folded.recordCycle(cycle))),
    readVerification: () => runOnState(() => state.answer((folded) => folded.readVerification())),

    close: async () => {
      await appender.close();
      state.close();
      await Promise.all([log, logFile].map((opened) => opened.close()));
    },
  };
}

function nothingToClose(): void {}
