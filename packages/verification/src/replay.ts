import { readsFor } from "@trinity/aggregation/entity";
import { type FoldStep, fold, type Watermark } from "@trinity/aggregation/fold";
import type { LogChunk } from "@trinity/aggregation/log-chunk";
import type { EventStore, FoldTime } from "@trinity/storage/event-store";
import { type DerivedState, UnderivableError } from "@trinity/storage/shadow-state";

/** Few enough events that one step of a derivation holds a processor for a fraction of a second. */
const stepEvents = 4_000;
const timesAtOnce = 1_000;

/** Called between two small steps of long work: rests, so that ingest comes first, and rejects when the work should stop. */
export type Throttle = () => Promise<void>;

export const unthrottled: Throttle = async () => {};

/** A second derivation of everything that a store's log adds up to: by the same fold, at the times of the store's own folds. */
export type Replay = {
  readonly derived: DerivedState;
  /**
   * Folds on from where the derivation stands; stopped anywhere, the next call goes on.
   * @param throughSeq where a fold of the store ended, not before the derivation's own mark
   * @throws {UnderivableError} when chunks or fold times up to there are missing, or the derivation is already beyond
   */
  catchUp(throughSeq: number): Promise<void>;
};

/** @param onProgress told of the last chunk derived */
export function replayOf(
  store: EventStore,
  derived: DerivedState,
  throttle = unthrottled,
  onProgress: (seq: number) => void = () => {},
): Replay {
  let chunksAhead: readonly LogChunk[] = [];
  let timesAhead: readonly FoldTime[] = [];

  // Between two steps others may have moved on the same derivation's files: what was read ahead is only used where it follows.
  async function nextTime(seq: number): Promise<FoldTime> {
    timesAhead = timesAhead.filter(({ toSeq }) => toSeq > seq);
    if (timesAhead.length === 0) timesAhead = await store.readFoldTimes(seq, timesAtOnce);
    const [time] = timesAhead;
    if (time === undefined) throw new UnderivableError(`when chunk ${seq + 1} of the log was folded is not known`);
    return time;
  }

  // A page of the log may hold the chunks of several folds: what lies beyond this one is kept for the next.
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
      if (watermark.seq > throughSeq) throw new UnderivableError(`the derivation stands at chunk ${watermark.seq}, beyond ${throughSeq}`);
      while (watermark.seq < throughSeq) {
        const { toSeq, foldedAtMs } = await nextTime(watermark.seq);
        const chunks = await nextChunks(watermark.seq, Math.min(toSeq, throughSeq));
        const step = await nextStep(derived, chunks, watermark, foldedAtMs);
        if ((await derived.commitFold(step)) === "superseded") throw new UnderivableError("the derivation was moved on by somebody else");
        watermark = step.to;
        onProgress(watermark.seq);
        await throttle();
      }
    },
  };
}

async function nextStep(derived: DerivedState, chunks: readonly LogChunk[], watermark: Watermark, foldedAtMs: number): Promise<FoldStep> {
  const before = await derived.readEntities(readsFor(chunks.flatMap(({ events }) => events)));
  try {
    return fold(chunks, before, watermark, foldedAtMs);
  } catch (error) {
    // What the store's own fold took cannot be wrong with the events.
    throw new UnderivableError(`the derivation holds what chunk ${watermark.seq + 1} of the log cannot be folded into`, { cause: error });
  }
}
