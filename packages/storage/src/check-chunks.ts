import { CorruptChunkError } from "./chunk-body.ts";
import type { EventStore } from "./event-store.ts";
import type { LogCheckPage } from "./log-check.ts";

const chunksAtOnce = 200;

/** Checks that every chunk of the next stretch of a log is there and can be read, and that questions about its time find it. */
export async function checkChunks(
  store: Pick<EventStore, "headSeq" | "readChunks" | "readChunksInRange">,
  afterSeq: number,
): Promise<LogCheckPage> {
  const head = await store.headSeq();
  const throughSeq = Math.min(head, afterSeq + chunksAtOnce);
  const damaged: string[] = [];
  for (let seq = afterSeq + 1; seq <= throughSeq; seq++) {
    try {
      const [chunk] = await store.readChunks(seq - 1, 1);
      if (chunk === undefined || chunk.events.length === 0) continue;
      const times = chunk.events.map(({ timestampMs }) => timestampMs);
      const range = { afterSeq: seq - 1, throughSeq: seq, fromMs: Math.min(...times), toMs: Math.max(...times) + 1 };
      const [found] = await store.readChunksInRange(range, 1);
      if (found?.seq !== seq) damaged.push(`chunk ${seq} of the log is missing in the index by day; restore the tables from a copy`);
    } catch (error) {
      if (!(error instanceof CorruptChunkError)) throw error;
      damaged.push(error.reason);
    }
  }
  return { throughSeq, isLast: throughSeq >= head, damaged, mended: 0, isSuspect: false };
}
