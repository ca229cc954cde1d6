import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import { answerMetrics } from "./answer-metrics.ts";
import { scanEndedRooms } from "./scan-ended-rooms.ts";

const minuteMs = 60_000;

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
    expect((await scanEndedRooms(store, scope, nowMs)).rooms.size).toBe(ended);
    const counted = await answerMetrics(store, scope, { ended: { metric: "rooms_ended" } }, nowMs);
    expect("answers" in counted && counted.answers.ended.totals[0]?.value).toBe(ended);
  }
});

test("rooms are kept under their ids, and others than those of the scope are not", async () => {
  const store = openMemoryStore();
  const ended = (roomId: string, minutes: number) =>
    newEvent(roomId, { eventType: "no_consensus", timestampMs: noonMs + minutes * minuteMs, roomId: roomId as never });
  await store.append(batchOf([ended("early", -1), ended("first", 0), ended("last", 59), ended("late", 60)]));
  await foldAll(store, () => noonMs + 100);
  const scope = { fromMs: noonMs, toMs: noonMs + 60 * minuteMs, filters: [] };
  const { rooms, freshness } = await scanEndedRooms(store, scope, noonMs + 120 * minuteMs);
  expect([...rooms.keys()]).toEqual(["first", "last"]);
  expect(freshness.asOfMs).toBe(noonMs + 120 * minuteMs);
});
