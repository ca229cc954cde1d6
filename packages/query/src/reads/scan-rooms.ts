import type { Room } from "@trinity/aggregation/room";
import type { RoomMilestone } from "@trinity/aggregation/room-measures";
import type { TimeRange } from "@trinity/aggregation/time-range";
import { pagesOfRooms } from "./entity-pages.ts";
import type { Reader } from "./reader.ts";
import { ScanBudget } from "./scan-limit.ts";

/** Small, because other requests run only between two pages. */
const pageRooms = 1_000;

/**
 * The rooms with a milestone in a range, and maybe others: an accumulator keeps those in its scope.
 * @param roomsMax how many may be read, by someone who keeps them all
 * @throws {ScanLimitError} when there are more
 */
export async function* scanRooms(
  { store, signal }: Pick<Reader, "store" | "signal">,
  milestone: RoomMilestone,
  range: TimeRange,
  roomsMax = Number.POSITIVE_INFINITY,
): AsyncGenerator<readonly { readonly roomId: string; readonly room: Room }[]> {
  const budget = new ScanBudget(roomsMax, "rooms");
  for await (const page of pagesOfRooms(store, [milestone], [range], pageRooms, budget, signal)) {
    yield page.map(({ key, value }) => ({ roomId: key, room: value as Room }));
  }
}
