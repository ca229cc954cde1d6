import type { EventStore } from "@trinity/storage/event-store";
import { emptyManifest, readManifest } from "./manifest.ts";
import { hasFiles, isOfSameLog } from "./seal.ts";

/** The folded events that no segment has yet. `oldestMs`: when the first of them was received; null if there are none. */
export type Waiting = { readonly events: number; readonly oldestMs: number | null };

const pageEvents = 20_000;

/**
 * @returns a function that counts them; it reads each chunk once, however often it is called
 *   `eventsMax`: counting may stop here
 */
export function createWaitingCount(
  store: Pick<EventStore, "readChunks" | "readFoldTimes" | "readWatermark">,
  segmentsDir: string,
): (eventsMax: number) => Promise<Waiting> {
  let sealedThrough = -1;
  let countedThrough = 0;
  let waiting: Waiting = { events: 0, oldestMs: null };

  return async (eventsMax) => {
    const manifest = readManifest(segmentsDir) ?? emptyManifest;
    // If all must be sealed again, all of them wait.
    const isUsable = (await isOfSameLog(store, manifest)) && hasFiles(segmentsDir, manifest);
    const throughManifest = isUsable ? manifest.throughSeq : 0;
    if (throughManifest !== sealedThrough) {
      [sealedThrough, countedThrough] = [throughManifest, throughManifest];
      waiting = { events: 0, oldestMs: null };
    }
    const { seq: throughSeq } = await store.readWatermark();
    while (countedThrough < throughSeq && waiting.events < eventsMax) {
      const chunks = (await store.readChunks(countedThrough, pageEvents)).filter(({ seq }) => seq <= throughSeq);
      const [first, last] = [chunks[0], chunks.at(-1)];
      if (first === undefined || last === undefined) break;
      countedThrough = last.seq;
      waiting = {
        events: waiting.events + chunks.reduce((sum, { events }) => sum + events.length, 0),
        oldestMs: waiting.oldestMs ?? first.receivedAtMs,
      };
    }
    return waiting;
  };
}
