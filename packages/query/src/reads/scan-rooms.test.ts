import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import { ask } from "../asking.testing.ts";
import { ScanLimitError } from "./read-contributions.ts";
import { entitiesMax, scanRooms } from "./scan-rooms.ts";

const pageOf = (from: number, size: number) =>
  Array.from({ length: size }, (_, i) => ({ key: String(from + i).padStart(7, "0"), value: {} }));

const storeOfRooms = (rooms: number): Pick<EventStore, "scanEntities"> => ({
  scanEntities: (async (_kind: string, afterKey: string, limit: number) => {
    const from = afterKey === "" ? 0 : Number(afterKey) + 1;
    return pageOf(from, Math.min(limit, rooms - from));
  }) as unknown as EventStore["scanEntities"],
});

const countOf = async (rooms: number) => {
  let count = 0;
  for await (const _ of scanRooms(storeOfRooms(rooms))) count += 1;
  return count;
};

test("rooms are read page by page, each once, and no more than a question may read", async () => {
  expect(await countOf(0)).toBe(0);
  expect(await countOf(12_345)).toBe(12_345);
  await expect(countOf(entitiesMax + 1)).rejects.toThrow(ScanLimitError);
});

test("where the log is too long to look for last events, they are left out, and the answer says so", async () => {
  const store = openMemoryStore();
  await store.append(batchOf([newEvent("a", { eventType: "room_created", properties: {} }), newEvent("b", { timestampMs: noonMs + 1 })]));
  await foldAll(store, () => noonMs + 100);
  const scope = { fromMs: noonMs, toMs: noonMs + 2 * 86_400_000, filters: [], timeZone: "UTC" };
  const askOf = async (of: EventStore) => (await ask(of, { kind: "roomAbandonment", scope, limit: 10 }, scope.toMs)).data;
  expect(await askOf(store)).toMatchObject({ ended: 1, abandoned: 1, leftOut: [] });
  const tooLong: EventStore = { ...store, readChunksInRange: async () => Promise.reject(new ScanLimitError("too long")) };
  expect(await askOf(tooLong)).toMatchObject({ ended: 1, abandoned: 1, leftOut: ["lastEvent"] });
  const broken: EventStore = { ...store, readChunksInRange: async () => Promise.reject(new TypeError("broken")) };
  await expect(askOf(broken)).rejects.toThrow(TypeError);
});
