import { type FoldStep, fold, foldInputOf, type Watermark } from "@trinity/aggregation/fold";
import type { LogChunk } from "@trinity/aggregation/log-chunk";
import type { EventStore, FoldTime } from "@trinity/storage/event-store";
import { type DerivedState, UnderivableError } from "@trinity/storage/shadow-state";

/** Small enough that one step takes a fraction of a second. */
const stepEvents = 4_000;
const timesAtOnce = 1_000;

/** Called between the steps of long work. It pauses, so that ingest comes first, and rejects when the work must stop. */
export type Throttle = () => Promise<void>;

export const unthrottled: Throttle = async () => {};

/** Folds a store's log into a shadow state: by the same fold, at the times of the store's own folds. */
export type Replay = {
  readonly derived: DerivedState;
  /**
   * Folds on from the watermark of the shadow state. If it is stopped, the next call goes on.
   * @param throughSeq the last chunk of a fold of the store, not before the shadow state's watermark
   * @throws {UnderivableError} when chunks or fold times are missing, or the shadow state is already beyond `throughSeq`
   */
  catchUp(throughSeq: number): Promise<void>;
};

/** @param onProgress called with the last chunk that was folded */
export function replayOf(
  store: EventStore,
  derived: DerivedState,
  throttle = unthrottled,
  onProgress: (seq: number) => void = () => {},
): Replay {
  let chunksAhead: readonly LogChunk[] = [];
  let timesAhead: readonly FoldTime[] = [];

  // Another process may have moved the same shadow state between two steps: use what was read ahead only where it follows.
  async function nextTime(seq: number): Promise<FoldTime> {
    timesAhead = timesAhead.filter(({ toSeq }) => toSeq > seq);
    if (timesAhead.length === 0) timesAhead = await store.readFoldTimes(seq, timesAtOnce);
    const [time] = timesAhead;
    if (time === undefined) throw new UnderivableError(`when chunk ${seq + 1} of the log was folded is not known`);
    return time;
  }

  // A page may have the chunks of several folds: the rest is kept for the next.
  async function nextChunks(seq: number, toSeq: number): Promise<readonly LogChunk[]> {
    if (chunksAhead[0]?.seq !== seq + 1) chunksAhead = await store.readChunks(seq, stepEvents);
    const [first] = chunksAhead;
    if (first?.seq !== seq + 1) throw new UnderivableError(`chunk ${seq + 1} is no longer in the log`);
    const chunks = chunksAhead.filter((chunk) => chunk.seq <= toSeq);
    chunksAhead = chunksAhead.slice(chunks.length);
    return chunks;
  }

  return {
    derived,
    async catchUp(throughSeq) {
      let watermark = await derived.readWatermark();
      if (watermark.seq > throughSeq)
        throw new UnderivableError(`the shadow state is folded through chunk ${watermark.seq}, beyond ${throughSeq}`);
      while (watermark.seq < throughSeq) {
        const { toSeq, foldedAtMs } = await nextTime(watermark.seq);
        const chunks = await nextChunks(watermark.seq, Math.min(toSeq, throughSeq));
        const step = await nextStep(derived, chunks, watermark, foldedAtMs);
        if ((await derived.commitFold(step)) === "superseded") throw new UnderivableError("another process changed the shadow state");
        watermark = step.to;
        onProgress(watermark.seq);
        await throttle();
      }
    },
  };
}

async function nextStep(derived: DerivedState, chunks: readonly LogChunk[], watermark: Watermark, foldedAtMs: number): Promise<FoldStep> {
  const input = foldInputOf(chunks);
  const before = await derived.readEntities(input.named.reads());
  try {
    return fold(input, before, watermark, foldedAtMs);
  } catch (error) {
    // The store's own fold took these events, so the shadow state is damaged.
    throw new UnderivableError(`chunk ${watermark.seq + 1} of the log cannot be folded into the shadow state`, { cause: error });
  }
}
