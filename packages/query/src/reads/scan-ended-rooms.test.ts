import type { RoomScope } from "@trinity/aggregation/room-scope";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import { ask } from "../asking.testing.ts";
import { readMoment } from "./moment.ts";
import { metricQueries } from "./read-metrics.ts";
import { scanEndedRooms } from "./scan-ended-rooms.ts";

const minuteMs = 60_000;

async function endedAt(store: EventStore, scope: RoomScope, nowMs: number) {
  const moment = await readMoment(store, nowMs);
  expect(moment.asOfMs).toBe(nowMs);
  return scanEndedRooms({ store, readLogCheck: async () => null, moment }, scope);
}

test("a room that ends in the present minute has not ended yet, as rooms_ended has it", async () => {
  const store = openMemoryStore();
  await store.append(
    batchOf([newEvent("a", { eventType: "room_created" }), newEvent("b", { eventType: "no_consensus", timestampMs: noonMs + 1 })]),
  );
  await foldAll(store, () => noonMs + 100);
  const scope = { fromMs: noonMs, toMs: noonMs + 60 * minuteMs, filters: [], timeZone: "UTC" };
  for (const [nowMs, ended] of [
    [noonMs + minuteMs - 1, 0],
    [noonMs + minuteMs, 1],
  ] as const) {
    expect((await endedAt(store, scope, nowMs)).size).toBe(ended);
    const { data } = await ask(store, { kind: "metrics", queries: metricQueries(scope, [{ metric: "rooms_ended" }]) }, nowMs);
    expect(data[0]?.totals[0]?.value).toBe(ended);
  }
});

test("rooms are kept under their ids, and others than those of the scope are not", async () => {
  const store = openMemoryStore();
  const ended = (roomId: string, minutes: number) =>
    newEvent(roomId, { eventType: "no_consensus", timestampMs: noonMs + minutes * minuteMs, roomId: roomId as never });
  await store.append(batchOf([ended("early", -1), ended("first", 0), ended("last", 59), ended("late", 60)]));
  await foldAll(store, () => noonMs + 100);
  const scope = { fromMs: noonMs, toMs: noonMs + 60 * minuteMs, filters: [] };
  const rooms = await endedAt(store, scope, noonMs + 120 * minuteMs);
  expect([...rooms.keys()]).toEqual(["first", "last"]);
});
