import { setImmediate as turn } from "node:timers/promises";
import type { LogChunk } from "@trinity/aggregation/log-chunk";
import type { ChunkRanges, EventStore } from "@trinity/storage/event-store";
import type { ScanBudget } from "./scan-limit.ts";

/**
 * The chunks that may have events in any of the ranges, each once and in order. Other requests run between two pages.
 * @param signal ends the reading when nobody waits for the answer any more
 * @throws {ScanLimitError}
 */
export async function* pagesOfChunks(
  store: Pick<EventStore, "readChunksInRanges">,
  { ranges, throughSeq }: Omit<ChunkRanges, "afterSeq">,
  pageEvents: number,
  budget: ScanBudget,
  signal?: AbortSignal,
): AsyncGenerator<readonly LogChunk[]> {
  for (let afterSeq = 0; ; await turn()) {
    signal?.throwIfAborted();
    const chunks = await store.readChunksInRanges({ ranges, throughSeq, afterSeq }, pageEvents);
    const last = chunks.at(-1);
    if (last === undefined) return;
    afterSeq = last.seq;
    budget.spend(chunks.reduce((sum, { events }) => sum + events.length, 0));
    yield chunks;
  }
}
