import type { StoredEvent } from "@trinity/events/event";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";

/** Every event in the log of a data folder, in its order. */
export async function readStoredEvents(dataDir: string): Promise<readonly StoredEvent[]> {
  const store = openSqliteStore({ dataDir, mode: "readonly" });
  try {
    const events: StoredEvent[] = [];
    for (let afterSeq = 0; ; ) {
      const chunks = await store.readChunks(afterSeq, 10_000);
      for (const chunk of chunks) events.push(...chunk.events);
      const last = chunks.at(-1);
      if (last === undefined) return events;
      afterSeq = last.seq;
    }
  } finally {
    await store.close();
  }
}
