import type { FoldMark } from "@trinity/aggregation/fold";
import type { EventStore } from "./event-store.ts";

/** How far the cells reach: everything acknowledged before `asOfMs` is in them, and in the log up to the mark. */
export type Reach = { readonly mark: FoldMark; readonly asOfMs: number };

/** @param nowMs read before the call */
export async function readReach(store: Pick<EventStore, "readRollups" | "readChunks">, nowMs: number): Promise<Reach> {
  const { mark, headSeq } = await store.readRollups([]);
  if (mark.seq >= headSeq) return { mark, asOfMs: nowMs };
  const [waiting] = await store.readChunks(mark.seq, 1);
  return { mark, asOfMs: Math.min(nowMs, waiting?.receivedAtMs ?? nowMs) };
}

/** What an answer reaches. */
export type Present = { readonly asOfMs: number; readonly revision: number };

/** @param nowMs read before the call */
export async function readPresent(store: EventStore, nowMs: number): Promise<Present> {
  const { mark, asOfMs } = await readReach(store, nowMs);
  return { asOfMs, revision: mark.revision };
}

/** The present as answers show it. */
export function shownPresent({ asOfMs, revision }: Present): { readonly asOf: string; readonly revision: number } {
  return { asOf: new Date(asOfMs).toISOString(), revision };
}
