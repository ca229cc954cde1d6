import { readsFor } from "@trinity/aggregation/entity";
import { fold } from "@trinity/aggregation/fold";
import type { EventStore } from "./event-store.ts";

/** Few enough that one commit never holds the store for long, enough that its cost is shared. */
export const foldEventsMax = 12_000;

/**
 * Folds the next stretch of the log behind the mark; from the mark anew when it was moved meanwhile, by another folder or a repair.
 * @returns how many chunks were folded; 0 when the fold has caught up
 */
export async function foldNext(store: EventStore, nowMs: number, eventsMax = foldEventsMax): Promise<number> {
  const mark = await store.readMark();
  const chunks = await store.readChunks(mark.seq, eventsMax);
  if (chunks.length === 0) return 0;
  const before = await store.readEntities(readsFor(chunks.flatMap(({ events }) => events)));
  const outcome = await store.commitFold(fold(chunks, before, mark, nowMs));
  return outcome === "committed" ? chunks.length : foldNext(store, nowMs, eventsMax);
}

/** Folds until nothing is left. @returns how many chunks were folded */
export async function foldAll(store: EventStore, nowMs: () => number): Promise<number> {
  let folded = 0;
  for (let chunks = await foldNext(store, nowMs()); chunks > 0; chunks = await foldNext(store, nowMs())) folded += chunks;
  return folded;
}
