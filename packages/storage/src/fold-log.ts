import { type FoldStep, fold, foldInputOf } from "@trinity/aggregation/fold";
import type { LogChunk } from "@trinity/aggregation/log-chunk";
import { DamagedStateError, type EventStore } from "./event-store.ts";
import { FoldWork, partsWithin } from "./fold-work.ts";

/** Small enough that one commit does not block the store for long, large enough to share the cost of a commit. */
export const foldEventsMax = 12_000;

/** How much one fold takes. `throughSeq`: no chunk after it. */
type FoldLimits = { readonly eventsMax?: number | undefined; readonly workMax?: number | undefined; readonly throughSeq?: number };

/** What a fold took from the log, and what it saw there and left. `work` as in `FoldWork`. */
export type FoldedPart = { readonly chunks: number; readonly work: number; readonly workLeft: number };

/**
 * Folds the next chunks after the watermark. Starts again if another process or a repair moved the watermark meanwhile.
 * @returns how many chunks were folded; 0 when the fold has caught up
 * @throws {DamagedStateError} when the events cannot be folded into the stored entities; nothing was counted
 */
export async function foldNext(store: EventStore, nowMs: number, eventsMax?: number): Promise<number> {
  return (await foldPart(store, nowMs, { eventsMax })).chunks;
}

async function foldPart(store: EventStore, nowMs: number, limits: FoldLimits): Promise<FoldedPart> {
  const { eventsMax = foldEventsMax, workMax = Number.POSITIVE_INFINITY, throughSeq = Number.POSITIVE_INFINITY } = limits;
  const watermark = await store.readWatermark();
  const waiting = (await store.readChunks(watermark.seq, eventsMax)).filter(({ seq }) => seq <= throughSeq);
  if (waiting.length === 0) return { chunks: 0, work: 0, workLeft: 0 };
  const { count, work } = partsWithin(waiting, workMax, eventsOf);
  const chunks = waiting.slice(0, count);
  const input = foldInputOf(chunks);
  const before = await store.readEntities(input.named.reads());
  const outcome = await store.commitFold(foldOrDamaged(() => fold(input, before, watermark, nowMs)));
  if (outcome === "superseded") return foldPart(store, nowMs, limits);
  return { chunks: count, work, workLeft: new FoldWork().add(waiting.slice(count).flatMap(eventsOf)).total() };
}

const eventsOf = ({ events }: LogChunk) => events;

/** Like `foldNext`. In a rebuild it repeats each fold with its known end and time, so that answers are the same as before. */
export async function foldNextOrRepeat(store: EventStore, nowMs: number, workMax?: number): Promise<FoldedPart> {
  const { seq } = await store.readWatermark();
  const [known] = await store.readFoldTimes(seq, 1);
  return known === undefined ? foldPart(store, nowMs, { workMax }) : foldPart(store, known.foldedAtMs, { throughSeq: known.toSeq });
}

// Events in the log were validated, so a fold that throws, or whose sums are no numbers, means that a stored entity is damaged.
function foldOrDamaged(folded: () => FoldStep): FoldStep {
  try {
    const step = folded();
    requireWholeNumbers(step);
    return step;
  } catch (error) {
    throw new DamagedStateError("an entity is not what the fold made of it", { cause: error });
  }
}

/** @throws {RangeError} */
function requireWholeNumbers({ to, cells }: FoldStep): void {
  for (const count of Object.values(to)) requireWhole(count);
  for (const { bucketMs, vector } of cells) {
    requireWhole(bucketMs);
    for (const [component, amount] of vector) {
      requireWhole(component);
      requireWhole(amount);
    }
  }
}

// Sums of observations may pass 2^53, where doubles are still whole.
function requireWhole(number: number): void {
  if (!Number.isInteger(number)) throw new RangeError("a sum is no whole number");
}

/** Folds to the end of the log. @returns how many chunks were folded */
export async function foldAll(store: EventStore, nowMs: () => number): Promise<number> {
  let folded = 0;
  for (let chunks = await foldNext(store, nowMs()); chunks > 0; chunks = await foldNext(store, nowMs())) folded += chunks;
  return folded;
}
