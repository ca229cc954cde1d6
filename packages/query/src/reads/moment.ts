import type { Watermark } from "@trinity/aggregation/fold";
import type { EventStore } from "@trinity/storage/event-store";

/** The moment of an answer. */
export type Moment = {
  /** The present, read before the call, in Unix milliseconds. */
  readonly nowMs: number;
  /** Everything acknowledged before this instant is in the rollups, and in the log up to the watermark. */
  readonly asOfMs: number;
  readonly watermark: Watermark;
};

/** @param nowMs read before the call */
export async function readMoment(store: Pick<EventStore, "readRollups" | "readChunks">, nowMs: number): Promise<Moment> {
  const { watermark, headSeq } = await store.readRollups([]);
  if (watermark.seq >= headSeq) return { nowMs, watermark, asOfMs: nowMs };
  const [waiting] = await store.readChunks(watermark.seq, 1);
  return { nowMs, watermark, asOfMs: Math.min(nowMs, waiting?.receivedAtMs ?? nowMs) };
}

/**
 * The moment of an answer of the store as it is at present: nothing that waits to be folded is read, so damage there does not matter.
 * @param nowMs read before the call
 */
export async function readMomentWithoutLog(store: Pick<EventStore, "readRollups">, nowMs: number): Promise<Moment> {
  const { watermark } = await store.readRollups([]);
  return { nowMs, watermark, asOfMs: nowMs };
}
