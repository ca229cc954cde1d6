import type { LogChunk } from "@trinity/aggregation/log-chunk";
import type { EventStore } from "@trinity/storage/event-store";
import type { ChunkRow } from "./chunk-table.ts";
import type { PlacedEvent } from "./event-table.ts";
import type { LogTable } from "./log-table.ts";

export type LogReads = Pick<EventStore, "readChunks" | "readEntities" | "readFoldTimes">;

/** The rows of some chunks, by table. */
export type LogPage = { readonly chunks: readonly LogChunk[]; readonly event: readonly PlacedEvent[]; readonly chunk: readonly ChunkRow[] };

const pageEvents = 20_000;

/** The folded chunks of a range, `afterSeq` exclusive, a page at a time. */
export async function* logPages(
  store: LogReads,
  { afterSeq, throughSeq }: { readonly afterSeq: number; readonly throughSeq: number },
): AsyncGenerator<LogPage> {
  for (let after = afterSeq; after < throughSeq; ) {
    const chunks = (await store.readChunks(after, pageEvents)).filter(({ seq }) => seq <= throughSeq);
    const last = chunks.at(-1);
    if (last === undefined) return;
    yield { chunks, event: await placedEvents(store, chunks), chunk: await chunkRows(store, after, chunks) };
    after = last.seq;
  }
}

/** @returns the rows of a page as the JSON that `insertRows` takes */
export function rowsJson(page: LogPage, { name }: LogTable): string {
  return JSON.stringify(page[name]);
}

async function placedEvents(store: LogReads, chunks: readonly LogChunk[]): Promise<readonly PlacedEvent[]> {
  const userIds = new Set(chunks.flatMap(({ events }) => events.flatMap(({ userId }) => userId ?? [])));
  const refs = [...userIds].map((key) => ({ kind: "user", key }) as const);
  const { user: users } = await store.readEntities({ refs, inferredSessions: [] });
  // A user of whom only telemetry is known has no number.
  const numberOf = (userId: string | null) => (userId === null ? null : (users.get(userId)?.number ?? null));
  return chunks.flatMap(({ seq, events }) => events.map((event, index) => ({ seq, index, userNumber: numberOf(event.userId), event })));
}

async function chunkRows(store: LogReads, afterSeq: number, chunks: readonly LogChunk[]): Promise<readonly ChunkRow[]> {
  // Each fold ends with a chunk, so there are no more folds than chunks.
  const folds = await store.readFoldTimes(afterSeq, chunks.length);
  let fold = 0;
  return chunks.map(({ seq, receivedAtMs, receipts, events }) => {
    while (fold < folds.length && (folds[fold]?.toSeq ?? 0) < seq) fold += 1;
    return { seq, receivedAtMs, foldedAtMs: folds[fold]?.foldedAtMs ?? receivedAtMs, events: events.length, receipts };
  });
}
