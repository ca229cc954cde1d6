import { createHash } from "node:crypto";
import type { Pseudonym, StoredEvent } from "@trinity/events/event";
import { parseEvent } from "@trinity/events/parse-event";
import { usualDefects } from "@trinity/simulator/defects";
import { simulate } from "@trinity/simulator/simulate";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";

const pageEvents = 5_000;

/** @returns a store with everything that people and rooms of a made-up community told in `[fromMs, toMs)`, folded */
export async function openSimulatedStore(seed: number, fromMs: number, toMs: number, scale: number): Promise<EventStore> {
  const store = openMemoryStore();
  const append = async (events: readonly StoredEvent[]) => {
    const keyed = events.map((event) => ({ key: createHash("md5").update(event.eventId).digest(), event }));
    await store.append({ receivedAtMs: events.at(-1)?.receivedAtMs ?? fromMs, events: keyed, rejections: [] });
  };
  let page: StoredEvent[] = [];
  for (const message of simulate({ seed, fromMs, toMs, scale, defects: usualDefects })) {
    if (message.kind !== "event") continue;
    const parsed = parseEvent(message.event, { nowMs: message.deliverAtMs, eventAgeMaxMs: Number.POSITIVE_INFINITY });
    if (!parsed.ok) continue;
    const { userId, roomId, sessionId, ...event } = parsed.event;
    const ids = { userId: userId as Pseudonym | null, roomId: roomId as Pseudonym | null, sessionId: sessionId as Pseudonym | null };
    page.push({ ...event, ...ids, receivedAtMs: message.deliverAtMs });
    if (page.length === pageEvents) {
      await append(page);
      page = [];
    }
  }
  await append(page);
  await foldAll(store, () => toMs);
  return store;
}
