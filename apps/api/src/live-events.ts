import { dimensionsOfEvent } from "@trinity/aggregation/event-dimensions";
import { type Filter, passes } from "@trinity/aggregation/metric-query";
import type { StoredEvent } from "@trinity/events/event";
import type { EventStore } from "@trinity/storage/event-store";
import type { StoreWatch } from "./store-watch.ts";

/** A place in the log: the chunk, and which of its events. As text `<seq>.<index>`. */
export type LogPosition = { readonly seq: number; readonly index: number };

export const logPositionText = /^\d{1,15}\.\d{1,9}$/;

/** @param text matches `logPositionText` */
export function parseLogPosition(text: string): LogPosition {
  const [seq = 0, index = 0] = text.split(".").map(Number);
  return { seq, index };
}

export type LiveEventsQuery = {
  /** The last event that the reader has. */
  readonly after: LogPosition;
  readonly filters: readonly Filter[];
};

const pageEvents = 500;

/** Every event of the log behind a position, once each and in its order, as it is appended. Ends by throwing the signal's reason. */
export async function* liveEvents(
  store: EventStore,
  watch: StoreWatch,
  query: LiveEventsQuery,
  signal: AbortSignal,
): AsyncGenerator<{ readonly position: string; readonly event: StoredEvent }> {
  const watching = watch.open();
  try {
    // The chunk of the last event is read again, for what stands behind it there.
    let doneSeq = Math.max(0, query.after.seq - 1);
    for (;;) {
      const chunks = await store.readChunks(doneSeq, pageEvents);
      for (const chunk of chunks) {
        for (const [index, event] of chunk.events.entries()) {
          signal.throwIfAborted();
          if (isDelivered(query.after, chunk.seq, index) || !passes(query.filters, dimensionsOfEvent(event))) continue;
          yield { position: `${chunk.seq}.${index}`, event };
        }
        doneSeq = chunk.seq;
      }
      if (chunks.length === 0) await watching.changed(signal);
    }
  } finally {
    watching.close();
  }
}

function isDelivered(after: LogPosition, seq: number, index: number): boolean {
  return seq === after.seq && index <= after.index;
}
