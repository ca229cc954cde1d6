import type { CellKey } from "@trinity/aggregation/cell";
import { endOfRoom, type Room, startOfRoom } from "@trinity/aggregation/room";
import { type RoomMilestone, roomMilestones } from "@trinity/aggregation/room-measures";
import { joinTimeRanges, type TimeRange } from "@trinity/aggregation/time-range";
import { anyWorld } from "@trinity/aggregation/world-arbitrary";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { keyOf, newEvent } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { expect, test } from "vitest";
import { pagesOfRooms } from "./entity-pages.ts";
import { ScanBudget } from "./scan-limit.ts";

const hourMs = 3_600_000;

const anyCase = fc.record({
  world: anyWorld,
  /** How many of the events an older release folded. */
  older: fc.double({ min: 0, max: 1, noNaN: true }),
  ranges: fc.array(fc.record({ fromMinutes: fc.integer({ min: -4_000, max: 4_000 }), minutes: fc.integer({ min: 1, max: 6_000 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
  milestone: fc.constantFrom(...roomMilestones),
  pageSize: fc.integer({ min: 1, max: 5 }),
});
type Case = typeof anyCase extends fc.Arbitrary<infer Value> ? Value : never;

type Events = Case["world"]["events"];

/** So many rooms long before the world that reading its rooms by the index pays. */
function roomsLongBefore({ events, aroundMs }: Case["world"]): Events {
  const rooms = new Set(events.map(({ roomId }) => roomId)).size;
  return Array.from({ length: 4 * rooms }, (_, i) => {
    const { event } = newEvent(`long-before-${i}`, { eventType: "room_created", timestampMs: aroundMs - 400 * 24 * hourMs });
    return { ...event, roomId: `long-before-${i}` as typeof event.roomId };
  });
}

async function storeOf({ world }: Case): Promise<EventStore> {
  const store = openMemoryStore();
  await foldInto(store, [...roomsLongBefore(world), ...world.events], world.aroundMs);
  return store;
}

async function foldInto(store: EventStore, events: Events, atMs: number): Promise<void> {
  await store.append({ receivedAtMs: atMs, events: events.map((event) => ({ key: keyOf(event.eventId), event })), rejections: [] });
  await foldAll(store, () => atMs);
}

function rangesOf({ world, ranges }: Case): readonly TimeRange[] {
  return joinTimeRanges(
    ranges.map(({ fromMinutes, minutes }) => {
      const fromMs = world.aroundMs + fromMinutes * 60_000;
      return { fromMs, toMs: fromMs + minutes * 60_000 };
    }),
  );
}

function instantOf(room: Room, milestone: RoomMilestone): number | null {
  if (milestone === "created") return room.created?.atMs ?? null;
  return milestone === "started" ? startOfRoom(room) : endOfRoom(room).atMs;
}

/** The definition: every room there is, by its own instant. */
async function roomsIn(store: EventStore, milestone: RoomMilestone, ranges: readonly TimeRange[]): Promise<readonly string[]> {
  const rooms = await store.scanEntities("room", "", 1_000);
  const isWithin = (atMs: number | null) => atMs !== null && ranges.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
  return rooms.filter(({ value }) => isWithin(instantOf(value as Room, milestone))).map(({ key }) => key);
}

async function roomsRead(store: EventStore, { milestone, pageSize }: Case, ranges: readonly TimeRange[]): Promise<readonly string[]> {
  const pages = await Array.fromAsync(pagesOfRooms(store, [milestone], ranges, pageSize, new ScanBudget(1_000, "rooms")));
  return pages.flat().map(({ key }) => key);
}

async function removeIndex(store: EventStore, isRemoved: (cell: CellKey) => boolean): Promise<void> {
  const { watermark, rows } = await store.scanState(null, 1_000_000);
  const repairs = rows.flatMap(({ key, content }) =>
    key.table === "cell" && key.set === "room_milestone/roomId" && isRemoved(key) ? [{ key, stored: content, derived: null }] : [],
  );
  if (repairs.length > 0) await store.commitRepair({ from: watermark, repairedAtMs: 0, repairs });
}

test("the index gives the rooms of the hours of the ranges, each once in order of id, and no other room is read", async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, async (one) => {
      const store = await storeOf(one);
      const ranges = rangesOf(one);
      const hours = ranges.map(({ fromMs, toMs }) => ({
        fromMs: Math.floor(fromMs / hourMs) * hourMs,
        toMs: Math.ceil(toMs / hourMs) * hourMs,
      }));
      const withoutScan: EventStore = { ...store, scanEntities: async () => Promise.reject(new TypeError("all rooms were read")) };
      expect(await roomsRead(withoutScan, one, ranges)).toEqual(await roomsIn(store, one.milestone, hours));
    }),
    { numRuns: 200 },
  );
});

test("where an older release made the state without the index, no room of the ranges is left out", async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, async (one) => {
      const { events, aroundMs } = one.world;
      const store = openMemoryStore();
      const olderEvents = Math.round(one.older * events.length);
      await foldInto(store, [...roomsLongBefore(one.world), ...events.slice(0, olderEvents)], aroundMs);
      await removeIndex(store, () => true);
      await foldInto(store, events.slice(olderEvents), aroundMs);
      const ranges = rangesOf(one);
      expect(await roomsRead(store, one, ranges)).toEqual(expect.arrayContaining([...(await roomsIn(store, one.milestone, ranges))]));
    }),
    { numRuns: 200 },
  );
});

test("where cells of the index are lost, no room of the ranges is left out", async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, fc.nat(), async (one, lost) => {
      const store = await storeOf(one);
      let cells = 0;
      await removeIndex(store, () => cells++ % 3 === lost % 3);
      const ranges = rangesOf(one);
      expect(await roomsRead(store, one, ranges)).toEqual(expect.arrayContaining([...(await roomsIn(store, one.milestone, ranges))]));
    }),
    { numRuns: 200 },
  );
});
