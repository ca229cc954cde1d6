import type { Room } from "@trinity/aggregation/room";
import type { RoomMilestone } from "@trinity/aggregation/room-measures";
import type { TimeRange } from "@trinity/aggregation/time-range";
import type { EventStore } from "@trinity/storage/event-store";
import { pagesOfRooms } from "./entity-pages.ts";
import { ScanBudget } from "./scan-limit.ts";

/** The maximum number of entities that one answer may read. */
export const entitiesMax = 500_000;
/** Small, because other requests run only between two pages. */
const pageRooms = 1_000;

/**
 * The rooms with a milestone in a range, and maybe others: an accumulator keeps those in its scope.
 * @throws {ScanLimitError} when there are more than 500,000
 */
export async function* scanRooms(
  store: EventStore,
  milestone: RoomMilestone,
  range: TimeRange,
): AsyncGenerator<{ readonly roomId: string; readonly room: Room }> {
  const budget = new ScanBudget(entitiesMax, "rooms");
  for await (const page of pagesOfRooms(store, [milestone], [range], pageRooms, budget)) {
    for (const { key, value } of page) yield { roomId: key, room: value as Room };
  }
}
