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
