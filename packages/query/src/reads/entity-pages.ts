import { setImmediate as turn } from "node:timers/promises";
import type { Entity, EntityKind } from "@trinity/aggregation/entity-kind";
import type { RoomMilestone } from "@trinity/aggregation/room-measures";
import type { TimeRange } from "@trinity/aggregation/time-range";
import type { EventStore } from "@trinity/storage/event-store";
import { readRoomIds } from "./room-index.ts";
import type { ScanBudget } from "./scan-limit.ts";

export type EntityPage = readonly { readonly key: string; readonly value: Entity }[];

/**
 * All entities of a kind in order of key, each as it is folded when its page is read. Other requests run between two pages.
 * @param signal ends the reading when nobody waits for the answer any more
 * @throws {ScanLimitError}
 */
export async function* pagesOfEntities(
  store: Pick<EventStore, "scanEntities">,
  kind: EntityKind,
  pageSize: number,
  budget: ScanBudget,
  signal?: AbortSignal,
): AsyncGenerator<EntityPage> {
  for (let afterKey = ""; ; ) {
    const page = await store.scanEntities(kind, afterKey, pageSize);
    const last = page.at(-1);
    if (last === undefined) return;
    afterKey = last.key;
    budget.spend(page.length);
    await turn();
    signal?.throwIfAborted();
    yield page;
  }
}

/**
 * The rooms with a milestone in the ranges, and maybe others, in order of id. The caller checks the exact instants.
 * @param signal ends the reading when nobody waits for the answer any more
 * @throws {ScanLimitError}
 */
export async function* pagesOfRooms(
  store: Pick<EventStore, "readRollups" | "readEntities" | "scanEntities">,
  milestones: readonly RoomMilestone[],
  ranges: readonly TimeRange[],
  pageSize: number,
  budget: ScanBudget,
  signal?: AbortSignal,
): AsyncGenerator<EntityPage> {
  const roomIds = await readRoomIds(store, milestones, ranges, budget);
  if (roomIds === "read-all") {
    yield* pagesOfEntities(store, "room", pageSize, budget, signal);
    return;
  }
  for (let i = 0; i < roomIds.length; i += pageSize) {
    const refs = roomIds.slice(i, i + pageSize).map((key) => ({ kind: "room", key }) as const);
    const { room: rooms } = await store.readEntities({ refs, inferredSessions: [] });
    budget.spend(rooms.size);
    await turn();
    signal?.throwIfAborted();
    yield [...rooms].map(([key, value]) => ({ key, value }));
  }
}
