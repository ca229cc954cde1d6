import type { EventStore } from "@trinity/storage/event-store";
import { type OpenMode, openDatabase } from "./database.ts";
import { openLogAppender } from "./log-appender.ts";
import { LogReader } from "./log-reader.ts";
import { openedOnce } from "./opened-once.ts";
import { StateFile, type StateOwner } from "./state-file.ts";
import { attemptOn } from "./unavailable.ts";

export type SqliteStoreSettings = {
  readonly dataDir: string;
  /** `readonly` opens nothing for writing and waits, by `StoreUnavailableError`, for the files to be made by another process. */
  readonly mode: OpenMode;
  /** Makes this store the one that rebuilds a damaged `state.db` from the log; only the process that appends may be it. */
  readonly rebuilds?: Pick<StateOwner, "nowMs" | "onQuarantined">;
};

/**
 * The event store on SQLite files in one directory. Each file is opened when it is first needed: who only appends never loads the state.
 * Any number of stores, in any number of threads and processes, may read and fold; the first that appends keeps all others from it
 * until it closes or its process ends. (An empty batch makes no chunk, so appending one is how to claim the log.)
 */
export function openSqliteStore({ dataDir, mode, rebuilds }: SqliteStoreSettings): EventStore {
  const logFile = openedOnce(
    () => openDatabase(dataDir, "log", mode),
    (database) => void database.close(),
  );
  const log = openedOnce(() => new LogReader(logFile.get()), nothingToClose);
  const logEnds = () => ({ firstSeq: log.get().firstSeq(), headSeq: log.get().headSeq() });
  const state = new StateFile({ dataDir, mode, ...(rebuilds === undefined ? {} : { owner: { ...rebuilds, logEnds } }) });
  const appender = openedOnce(
    () => openLogAppender(dataDir, logFile.get()),
    (opened) => opened.close(),
  );

  const attempt = attemptOn({
    // Damage of the state is its own error already; a derivation has no log.
    file: mode === "derivation" ? null : "log.db",
    reopen: () => {
      // Those that hold statements of a connection before the connection.
      for (const opened of [appender, log, state, logFile]) opened.reopen();
    },
  });

  return {
    append: (batch) => attempt(() => appender.get().append(batch)),
    eventStatus: (key) => attempt(() => log.get().statusOf(key)),

    headSeq: () => attempt(() => log.get().headSeq()),
    readChunks: (afterSeq, eventsMax) => attempt(() => log.get().readChunks(afterSeq, eventsMax)),
    readChunksInRange: (range, eventsMax) => attempt(() => log.get().readChunksInRange(range, eventsMax)),

    readMark: () => attempt(() => state.fold((folded) => folded.readMark())),
    readEntities: (reads) => attempt(() => state.fold((folded) => folded.readEntities(reads))),
    scanEntities: (kind, afterKey, limit) => attempt(() => state.answer(({ entities }) => entities.scan(kind, afterKey, limit))),
    commitFold: (step) => attempt(() => state.fold((folded) => folded.commit(step))),
    // A negative limit is none.
    readFoldTimes: (afterSeq = 0, limit = -1) => attempt(() => state.fold(({ trail }) => trail.foldTimes(afterSeq, limit))),
    readChunksOf: (kind, key) => attempt(() => state.answer(({ trail }) => trail.seqsOf(kind, key)).map((seq) => log.get().readChunk(seq))),

    readRollups: (ranges, userRanges = []) =>
      attempt(() => {
        // Read first: what is acknowledged while the cells are read need not be in them. But never behind the mark, which may move on.
        const headSeq = log.get().headSeq();
        const { mark, cells, users } = state.answer((folded) => folded.readCells(ranges, userRanges));
        return { mark, headSeq: Math.max(headSeq, mark.seq), cells, users };
      }),

    scanParts: (after, limit) => attempt(() => state.answer((folded) => folded.scanParts(after, limit))),
    commitRepair: (step) => attempt(() => state.answer((folded) => folded.repair(step))),
    markBuckets: (checks, checkedAtMs) => attempt(() => state.answer((folded) => folded.markBuckets(checks, checkedAtMs))),
    freezeBefore: (beforeMs) => attempt(() => state.answer((folded) => folded.freezeBefore(beforeMs))),
    recordCycle: (cycle) => attempt(() => state.answer((folded) => folded.recordCycle(cycle))),
    readVerification: () => attempt(() => state.answer((folded) => folded.readVerification())),

    close: async () => {
      await appender.close();
      state.close();
      await Promise.all([log, logFile].map((opened) => opened.close()));
    },
  };
}

function nothingToClose(): void {}
