import type { Watermark } from "@trinity/aggregation/fold";
import type { EventStore } from "@trinity/storage/event-store";

/** How far the cells reach: everything acknowledged before `asOfMs` is in them, and in the log up to the mark. */
export type LogFreshness = { readonly watermark: Watermark; readonly asOfMs: number };

/** @param nowMs read before the call */
export async function readLogFreshness(store: Pick<EventStore, "readRollups" | "readChunks">, nowMs: number): Promise<LogFreshness> {
  const { watermark, headSeq } = await store.readRollups([]);
  if (watermark.seq >= headSeq) return { watermark, asOfMs: nowMs };
  const [waiting] = await store.readChunks(watermark.seq, 1);
  return { watermark, asOfMs: Math.min(nowMs, waiting?.receivedAtMs ?? nowMs) };
}

/** What an answer reaches. */
export type Freshness = { readonly asOfMs: number; readonly revision: number };

/** @param nowMs read before the call */
export async function readFreshness(store: EventStore, nowMs: number): Promise<Freshness> {
  const { watermark, asOfMs } = await readLogFreshness(store, nowMs);
  return { asOfMs, revision: watermark.revision };
}

/** The present as answers show it. */
export function freshnessFields({ asOfMs, revision }: Freshness): { readonly asOf: string; readonly revision: number } {
  return { asOf: new Date(asOfMs).toISOString(), revision };
}
