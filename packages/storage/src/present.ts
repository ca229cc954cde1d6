import type { EventStore, RollupSnapshot } from "./event-store.ts";

/**
 * How far the cells of a snapshot reach.
 * @param nowMs read before the snapshot was taken
 * @returns the instant before which everything acknowledged is in them
 */
export async function asOfMs(store: EventStore, snapshot: Pick<RollupSnapshot, "mark" | "headSeq">, nowMs: number): Promise<number> {
  if (snapshot.mark.seq >= snapshot.headSeq) return nowMs;
  const [waiting] = await store.readChunks(snapshot.mark.seq, 1);
  return Math.min(nowMs, waiting?.receivedAtMs ?? nowMs);
}

/** What an answer reaches. */
export type Present = { readonly asOfMs: number; readonly revision: number };

/** @param nowMs read before the call */
export async function readPresent(store: EventStore, nowMs: number): Promise<Present> {
  const snapshot = await store.readRollups([]);
  return { asOfMs: await asOfMs(store, snapshot, nowMs), revision: snapshot.mark.revision };
}

/** The present as answers show it. */
export function shownPresent({ asOfMs, revision }: Present): { readonly asOf: string; readonly revision: number } {
  return { asOf: new Date(asOfMs).toISOString(), revision };
}
