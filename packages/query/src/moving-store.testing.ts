import type { AppendBatch, EventStore } from "@trinity/storage/event-store";
import { foldAll, foldNext } from "@trinity/storage/fold-log";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";

/** What happens just before a read. */
export type Move = { readonly appends: number; readonly folds: boolean };

export type MovingStore = {
  readonly store: EventStore;
  /** How often a fold was committed so far. */
  folds(): Promise<number>;
  /** @returns a store that stays as this one was at a revision */
  stoppedAt(revision: number): Promise<EventStore>;
};

/**
 * A store that moves on before every read: more is appended, or folded, or both.
 * @param moves what happens before each read, over and over
 * @param batchAt what is appended as chunk `seq`: it must not be empty
 */
export function openMovingStore(moves: readonly Move[], batchAt: (seq: number) => AppendBatch, nowMs: number): MovingStore {
  const inner = openMemoryStore();
  let reads = 0;
  let seq = 0;
  const moveOn = async () => {
    const { appends, folds } = moves[reads++ % moves.length] as Move;
    for (let i = 0; i < appends; i++) await inner.append(batchAt(++seq));
    if (folds) await foldNext(inner, nowMs);
  };
  const moving =
    <Args extends unknown[], Found>(read: (...args: Args) => Promise<Found>) =>
    async (...args: Args) => {
      await moveOn();
      return read(...args);
    };
  return {
    store: {
      ...inner,
      headSeq: moving(inner.headSeq),
      readWatermark: moving(inner.readWatermark),
      readRollups: moving(inner.readRollups),
      readChunks: moving(inner.readChunks),
      readChunksInRanges: moving(inner.readChunksInRanges),
      readEntities: moving(inner.readEntities),
      readParts: moving(inner.readParts),
      scanEntities: moving(inner.scanEntities),
    },
    folds: async () => (await inner.readFoldTimes()).length,
    async stoppedAt(revision) {
      // Every fold raises the revision by one.
      const foldTimes = await inner.readFoldTimes();
      const toSeq = foldTimes[revision - 1]?.toSeq ?? 0;
      const stopped = openMemoryStore();
      for (let i = 1; i <= toSeq; i++) await stopped.append(batchAt(i));
      await foldAll(stopped, () => nowMs);
      return stopped;
    },
  };
}
