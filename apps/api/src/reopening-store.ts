import { type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";

const retryEveryMs = 500;

/**
 * A store that is opened when it is first needed: its files may be made later, by another process. Until then every call rejects with
 * `StoreUnavailableError`, and the next one tries again.
 * @param open throws `StoreUnavailableError` while there is nothing to open
 */
export function reopeningStore(open: () => EventStore, clock: { nowMs(): number }): EventStore {
  let store: EventStore | null = null;
  let failure: { readonly error: StoreUnavailableError; readonly atMs: number } | null = null;

  function opened(): EventStore {
    if (store !== null) return store;
    const nowMs = clock.nowMs();
    if (failure !== null && nowMs >= failure.atMs && nowMs < failure.atMs + retryEveryMs) throw failure.error;
    try {
      return (store = open());
    } catch (error) {
      if (error instanceof StoreUnavailableError) failure = { error, atMs: nowMs };
      throw error;
    }
  }

  return {
    append: async (batch) => opened().append(batch),
    eventStatus: async (key) => opened().eventStatus(key),
    headSeq: async () => opened().headSeq(),
    readChunks: async (afterSeq, eventsMax) => opened().readChunks(afterSeq, eventsMax),
    readChunksInRange: async (range, eventsMax) => opened().readChunksInRange(range, eventsMax),
    readMark: async () => opened().readMark(),
    readEntities: async (reads) => opened().readEntities(reads),
    scanEntities: async (kind, afterKey, limit) => opened().scanEntities(kind, afterKey, limit),
    commitFold: async (step) => opened().commitFold(step),
    readFoldTimes: async () => opened().readFoldTimes(),
    readChunksOf: async (kind, key) => opened().readChunksOf(kind, key),
    readRollups: async (ranges) => opened().readRollups(ranges),
    scanCells: async (after, limit) => opened().scanCells(after, limit),
    close: async () => store?.close(),
  };
}
