import type { Room } from "@trinity/aggregation/room";
import type { Pseudonym } from "@trinity/events/event";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import { tryAsking } from "../asking.testing.ts";

const scope = { fromMs: noonMs - 3_600_000, toMs: noonMs + 3_600_000, filters: [], timeZone: "UTC" };

/** Rooms that closed without consensus, each after votes on two titles. */
async function storeOfRooms(rooms: number): Promise<EventStore> {
  const store = openMemoryStore();
  const events = Array.from({ length: rooms }, (_, i) => {
    const roomId = `r${i}` as Pseudonym;
    const vote = (contentId: string) =>
      newEvent(`${i} ${contentId}`, { roomId, properties: { contentId, vote: "dislike", genres: ["drama"] } });
    const close = newEvent(`${i} close`, { eventType: "no_consensus", roomId, timestampMs: noonMs + 1_000, properties: {} });
    return [vote(`movie:${i}`), vote("movie:0"), close];
  });
  await store.append(batchOf(events.flat()));
  await foldAll(store, () => noonMs);
  return store;
}

const askOf = (store: EventStore) => tryAsking(store, { kind: "contentRejections", scope, limit: 10 }, scope.toMs);

test("titles of all rooms are read, of at most 200 rooms at a time, and other work goes on in between", async () => {
  const store = await storeOfRooms(450);
  const asked: (readonly string[])[] = [];
  let turns = 0;
  const turnsAtRead: number[] = [];
  const watched: EventStore = {
    ...store,
    readParts: async (kind, entityKeys) => {
      asked.push(entityKeys);
      turnsAtRead.push(turns);
      setImmediate(() => (turns += 1));
      return store.readParts(kind, entityKeys);
    },
  };
  expect(await askOf(watched)).toMatchObject({ ok: true, value: { data: { rooms: { noConsensus: 450, consensus: 0 }, rejected: 899 } } });
  expect(asked.map((keys) => keys.length)).toEqual([200, 200, 50]);
  expect(new Set(asked.flat()).size).toBe(450);
  expect(turnsAtRead).toEqual([0, 1, 2]);
});

test("more titles of rooms than one answer may read are not read", async () => {
  const store = await storeOfRooms(1);
  const withVoted = (titlesVoted: number): EventStore => ({
    ...store,
    scanEntities: async (...args) => {
      const page = await store.scanEntities(...args);
      return page.map(({ key, value }) => ({ key, value: { ...value, counts: { ...(value as Room).counts, titlesVoted } } as Room }));
    },
    readParts: (...args) => (titlesVoted > 500_000 ? Promise.reject(new TypeError("was read")) : store.readParts(...args)),
  });
  expect((await askOf(withVoted(500_000))).ok).toBe(true);
  expect(await askOf(withVoted(500_001))).toMatchObject({ ok: false, error: { kind: "too-much-to-scan" } });
});
