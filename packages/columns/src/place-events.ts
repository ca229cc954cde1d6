import type { LogChunk } from "@trinity/aggregation/log-chunk";
import type { EventStore } from "@trinity/storage/event-store";
import type { PlacedEvent } from "./event-table.ts";

const pageEvents = 20_000;

/** The folded events after a chunk, a page of chunks at a time, with the numbers of their users. */
export async function* placedEvents(
  store: Pick<EventStore, "readChunks" | "readEntities">,
  { afterSeq, throughSeq }: { readonly afterSeq: number; readonly throughSeq: number },
): AsyncGenerator<{ readonly chunks: readonly LogChunk[]; readonly events: readonly PlacedEvent[] }> {
  for (let after = afterSeq; after < throughSeq; ) {
    const chunks = (await store.readChunks(after, pageEvents)).filter(({ seq }) => seq <= throughSeq);
    const last = chunks.at(-1);
    if (last === undefined) return;
    after = last.seq;
    const numberOf = await userNumbers(store, chunks);
    yield {
      chunks,
      events: chunks.flatMap(({ seq, events }) =>
        events.map((event, index) => ({ seq, index, userNumber: event.userId === null ? null : numberOf(event.userId), event })),
      ),
    };
  }
}

/** A user of whom only telemetry is known has no number. */
async function userNumbers(
  store: Pick<EventStore, "readEntities">,
  chunks: readonly LogChunk[],
): Promise<(userId: string) => number | null> {
  const userIds = new Set(chunks.flatMap(({ events }) => events.flatMap(({ userId }) => userId ?? [])));
  const refs = [...userIds].map((key) => ({ kind: "user", key }) as const);
  const { user: users } = await store.readEntities({ refs, inferredSessions: [] });
  return (userId) => users.get(userId)?.number ?? null;
}
