import { readsFor } from "@trinity/aggregation/entity";
import { type FoldStep, fold } from "@trinity/aggregation/fold";
import { DamagedStateError, type EventStore } from "./event-store.ts";

/** Few enough that one commit never holds the store for long, enough that its cost is shared. */
export const foldEventsMax = 12_000;

/**
 * Folds the next stretch of the log behind the mark; from the mark anew when it was moved meanwhile, by another folder or a repair.
 * @param throughSeq no chunk after it is folded
 * @returns how many chunks were folded; 0 when the fold has caught up
 * @throws {DamagedStateError} when the events cannot be folded into the entities as they are: none of it is counted yet
 */
export async function foldNext(
  store: EventStore,
  nowMs: number,
  eventsMax = foldEventsMax,
  throughSeq = Number.POSITIVE_INFINITY,
): Promise<number> {
  const watermark = await store.readWatermark();
  const chunks = (await store.readChunks(watermark.seq, eventsMax)).filter(({ seq }) => seq <= throughSeq);
  if (chunks.length === 0) return 0;
  const before = await store.readEntities(readsFor(chunks.flatMap(({ events }) => events)));
  const outcome = await store.commitFold(foldOrDamaged(() => fold(chunks, before, watermark, nowMs)));
  return outcome === "committed" ? chunks.length : foldNext(store, nowMs, eventsMax, throughSeq);
}

/**
 * Like `foldNext`. A fold that a rebuild repeats ends where it ended the first time, and at the same time: answers are then the same as before.
 * @returns how many chunks were folded
 */
export async function foldNextOrRepeat(store: EventStore, nowMs: number): Promise<number> {
  const { seq } = await store.readWatermark();
  const [known] = await store.readFoldTimes(seq, 1);
  if (known === undefined) return foldNext(store, nowMs);
  return foldNext(store, known.foldedAtMs, foldEventsMax, known.toSeq);
}

// The log holds only events that were validated: what cannot be folded is what they are folded into.
function foldOrDamaged(folded: () => FoldStep): FoldStep {
  try {
    return folded();
  } catch (error) {
    throw new DamagedStateError("an entity is not what the fold made of it", { cause: error });
  }
}

/** Folds until nothing is left. @returns how many chunks were folded */
export async function foldAll(store: EventStore, nowMs: () => number): Promise<number> {
  let folded = 0;
  for (let chunks = await foldNext(store, nowMs()); chunks > 0; chunks = await foldNext(store, nowMs())) folded += chunks;
  return folded;
}
