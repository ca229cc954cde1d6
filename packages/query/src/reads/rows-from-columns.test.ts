import { createSealedWorlds } from "@trinity/columns/sealed-world";
import type { EventStore } from "@trinity/storage/event-store";
import { anEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { afterAll, expect, test, vi } from "vitest";
import { ask } from "../asking.testing.ts";
import { createQuery } from "../query.ts";
import type { QuestionOf } from "../questions.ts";

vi.setConfig({ testTimeout: 60_000 });

const worlds = createSealedWorlds(openMemoryStore);
afterAll(() => worlds.close());

const [dayMs, chunksOfWorld, votesOfChunk] = [86_400_000, 20, 3];
const asOfMs = noonMs + dayMs;

/** Sealed chunks with the same votes in each, and one that tells what is read of the store. */
async function sealedVotes() {
  const chunks = Array.from({ length: chunksOfWorld }, (_, chunk) => ({
    seq: chunk + 1,
    receivedAtMs: noonMs,
    receipts: [],
    events: Array.from({ length: votesOfChunk }, (_, vote) => anEvent(`${chunk}-${vote}`)),
  }));
  const { store, columns } = await worlds.open([{ chunks, foldedAtMs: noonMs }], [true]);
  const question = {
    kind: "rows",
    metric: "votes",
    fromMs: noonMs - dayMs,
    toMs: noonMs + 1,
    timeZone: "UTC",
    filters: [],
    statistic: "mean",
    windowDays: 1,
    side: null,
    limit: votesOfChunk * 10,
    cursor: null,
  } satisfies QuestionOf<"rows">;
  return { store, columns, question };
}

/** @param onRead called with the chunk after which others are read */
function watched(store: EventStore, onRead: (afterSeq: number) => void): EventStore {
  const readChunks: EventStore["readChunks"] = (afterSeq, eventsMax) => {
    if (eventsMax === 1 && afterSeq < chunksOfWorld) onRead(afterSeq);
    return store.readChunks(afterSeq, eventsMax);
  };
  return { ...store, readChunks, readChunksInRanges: () => Promise.reject(new Error("all is read")) };
}

test("of the log only the chunks of a page are read, each once", async () => {
  const { store, columns, question } = await sealedVotes();
  const read: number[] = [];
  const first = await ask(store, question, asOfMs);
  const second = { ...question, cursor: first.data.nextCursor, limit: 4 };
  const answer = await ask(
    watched(store, (afterSeq) => read.push(afterSeq + 1)),
    second,
    asOfMs,
    columns,
  );
  // One more than the page has tells of the next one.
  expect(read).toEqual([11, 12]);
  expect(answer).toEqual(await ask(store, second, asOfMs));
});

test("a caller who leaves ends the reading of chunks", async () => {
  const { store, columns, question } = await sealedVotes();
  const leaves = new AbortController();
  let read = 0;
  const leaving = watched(store, () => {
    read += 1;
    leaves.abort();
  });
  const query = createQuery({ store: leaving, columns, readLogCheck: async () => null });
  const all = { ...question, limit: votesOfChunk * chunksOfWorld };
  expect(await query.answer(all, { role: "admin" }, asOfMs, leaves.signal)).toEqual({ ok: false, error: { kind: "cancelled" } });
  expect(read).toBe(1);
});

test("where the log has no such event, all of it is read", async () => {
  const { store, columns, question } = await sealedVotes();
  const expected = await ask(store, question, asOfMs);
  const others = await store.readChunks(1, 1);
  for (const lacking of [[], [{ seq: 1, receivedAtMs: noonMs, receipts: [], events: [] }], others]) {
    const readChunks: EventStore["readChunks"] = async (afterSeq, eventsMax) =>
      afterSeq === 0 && eventsMax === 1 ? lacking : store.readChunks(afterSeq, eventsMax);
    expect(await ask({ ...store, readChunks }, question, asOfMs, columns)).toEqual(expected);
  }
});
