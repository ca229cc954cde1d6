import { setImmediate as turn } from "node:timers/promises";
import type { Room } from "@trinity/aggregation/room";
import type { EventStore } from "@trinity/storage/event-store";
import { ScanLimitError } from "./read-contributions.ts";

/** So many entities one answer may read. */
export const entitiesMax = 500_000;
/** Few enough that whoever else is waiting is answered between two pages. */
const pageRooms = 1_000;

/**
 * Every room there is, of all time, as it is folded when its page is read: an accumulator keeps those in its scope.
 * @throws {ScanLimitError} when there are more than 500,000
 */
export async function* scanRooms(
  store: Pick<EventStore, "scanEntities">,
): AsyncGenerator<{ readonly roomId: string; readonly room: Room }> {
  let left = entitiesMax;
  for (let afterKey = ""; ; ) {
    const page = await store.scanEntities("room", afterKey, pageRooms);
    const last = page.at(-1);
    if (last === undefined) return;
    afterKey = last.key;
    left -= page.length;
    if (left < 0) throw new ScanLimitError(`more than ${entitiesMax} rooms would have to be read`);
    await turn();
    for (const { key, value } of page) yield { roomId: key, room: value as Room };
  }
}
