import { readsFor } from "@trinity/aggregation/entity";
import { fold } from "@trinity/aggregation/fold";
import type { LogChunk } from "@trinity/aggregation/log-chunk";
import type { EventStore } from "./event-store.ts";
import { openMemoryStore } from "./memory-event-store.ts";

const pageEvents = 20_000;

/** A second derivation of everything that a store's log adds up to: in memory, from nothing, by the folds that the store itself made. */
export type Replay = {
  /** Folds on until nothing of the store's own folds is left. @returns the last chunk folded */
  catchUp(onProgress?: (seq: number) => void): Promise<number>;
  readonly derived: Pick<EventStore, "readRollups" | "scanCells" | "scanEntities" | "readEntities" | "readMark">;
};

export function replayOf(store: EventStore): Replay {
  const derived = openMemoryStore();
  let ahead: readonly LogChunk[] = [];

  async function foldStretch(chunks: readonly LogChunk[], foldedAtMs: number): Promise<void> {
    const before = await derived.readEntities(readsFor(chunks.flatMap(({ events }) => events)));
    await derived.commitFold(fold(chunks, before, await derived.readMark(), foldedAtMs));
  }

  // A page of the log may hold the chunks of several folds: what lies beyond this one is kept for the next.
  async function chunksAfter(seq: number, toSeq: number): Promise<readonly LogChunk[]> {
    if (ahead.length === 0) ahead = await store.readChunks(seq, pageEvents);
    const chunks = ahead.filter((chunk) => chunk.seq <= toSeq);
    ahead = ahead.slice(chunks.length);
    return chunks;
  }

  return {
    derived,
    async catchUp(onProgress = () => {}) {
      let { seq } = await derived.readMark();
      for (const { toSeq, foldedAtMs } of await store.readFoldTimes()) {
        while (seq < toSeq) {
          const chunks = await chunksAfter(seq, toSeq);
          await foldStretch(chunks, foldedAtMs);
          seq = chunks.at(-1)?.seq ?? toSeq;
          onProgress(seq);
        }
      }
      return seq;
    },
  };
}
