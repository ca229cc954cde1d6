import { emptyWatermark } from "@trinity/aggregation/fold";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import { ask } from "../asking.testing.ts";
import { ScanLimitError } from "./scan-limit.ts";
import { scanRooms } from "./scan-rooms.ts";

/** Rooms that the index does not list. `counted`: how many end in its only hour. */
const storeOfRooms = (rooms: number, counted = 1) => ({
  ...openMemoryStore(),
  readRollups: (async (ranges) => {
    const cells = ranges.map(({ set }) =>
      set === "room_end" ? [{ set, tier: "hour", bucketMs: 0, value: "", amounts: Float64Array.of(0, counted) }] : [],
    );
    return { watermark: emptyWatermark, headSeq: 0, cells, users: [] };
  }) as EventStore["readRollups"],
  scanEntities: (async (_kind: string, afterKey: string, limit: number) => {
    const from = afterKey === "" ? 0 : Number(afterKey) + 1;
    const size = Math.min(limit, rooms - from);
    return Array.from({ length: size }, (_, i) => ({ key: String(from + i).padStart(7, "0"), value: {} }));
  }) as unknown as EventStore["scanEntities"],
});

const range = { fromMs: 0, toMs: 1 };

const countOf = async (store: EventStore, roomsMax?: number) => {
  let count = 0;
  for await (const page of scanRooms({ store }, "ended", range, roomsMax)) count += page.length;
  return count;
};

test("rooms that are not listed by time are read page by page, each once, and no more than the caller keeps", async () => {
  expect(await countOf(storeOfRooms(0))).toBe(0);
  expect(await countOf(storeOfRooms(12_345))).toBe(12_345);
  expect(await countOf(storeOfRooms(12_345), 12_345)).toBe(12_345);
  await expect(countOf(storeOfRooms(12_346), 12_345)).rejects.toThrow(ScanLimitError);
});

test("more rooms than the caller keeps are refused before any is read", async () => {
  const store = { ...storeOfRooms(0, 11), scanEntities: async () => Promise.reject(new TypeError("a room was read")) };
  await expect(countOf(store, 10)).rejects.toThrow(ScanLimitError);
});

test("more rooms than their index may list at once are read with all others", async () => {
  const indexOf = { sets: [] as string[] };
  const store = storeOfRooms(3_000, 600_000);
  const { readRollups } = store;
  const watched = {
    ...store,
    readRollups: (async (ranges) => {
      const [all = [], ...counts] = (await readRollups(ranges)).cells;
      indexOf.sets.push(...ranges.map(({ set }) => set));
      // Of very many rooms.
      return {
        watermark: emptyWatermark,
        headSeq: 0,
        cells: [[{ ...all[0], amounts: Float64Array.of(0, 10_000_000) }], ...counts],
        users: [],
      };
    }) as EventStore["readRollups"],
  };
  expect([await countOf(watched), indexOf.sets]).toEqual([3_000, ["room_end", "room_end"]]);
});

test("when nobody waits for the answer any more, no further page is read", async () => {
  const leaving = new AbortController();
  let pages = 0;
  const read = async () => {
    for await (const _ of scanRooms({ store: storeOfRooms(12_345), signal: leaving.signal }, "ended", range))
      if (++pages === 3) leaving.abort();
  };
  await expect(read()).rejects.toThrow(/abort/);
  expect(pages).toBe(3);
});

test("where the log is too long to look for last events, they are left out, and the answer says so", async () => {
  const store = openMemoryStore();
  await store.append(batchOf([newEvent("a", { eventType: "room_created", properties: {} }), newEvent("b", { timestampMs: noonMs + 1 })]));
  await foldAll(store, () => noonMs + 100);
  const scope = { fromMs: noonMs, toMs: noonMs + 2 * 86_400_000, filters: [], timeZone: "UTC" };
  const askOf = async (of: EventStore) => (await ask(of, { kind: "roomAbandonment", scope, limit: 10 }, scope.toMs)).data;
  expect(await askOf(store)).toMatchObject({ ended: 1, abandoned: 1, leftOut: [] });
  const tooLong: EventStore = { ...store, readChunksInRanges: async () => Promise.reject(new ScanLimitError("too long")) };
  expect(await askOf(tooLong)).toMatchObject({ ended: 1, abandoned: 1, leftOut: ["lastEvent"] });
  const broken: EventStore = { ...store, readChunksInRanges: async () => Promise.reject(new TypeError("broken")) };
  await expect(askOf(broken)).rejects.toThrow(TypeError);
});
