import { endedIn } from "@trinity/aggregation/abandonment-patterns";
import { bucketStart } from "@trinity/aggregation/bucket";
import type { Room } from "@trinity/aggregation/room";
import type { RoomScope } from "@trinity/aggregation/room-scope";
import type { Reader } from "./reader.ts";
import { scanRooms } from "./scan-rooms.ts";

/**
 * The rooms that ended in a scope, the same that `rooms_ended` counts: ends of the present minute are not certain yet.
 * @throws {ScanLimitError}
 */
export async function scanEndedRooms({ store, moment }: Reader, scope: RoomScope): Promise<ReadonlyMap<string, Room>> {
  const knownUntilMs = bucketStart("minute", moment.asOfMs);
  const rooms = new Map<string, Room>();
  for await (const { roomId, room } of scanRooms(store, "ended", scope)) if (endedIn(room, scope, knownUntilMs)) rooms.set(roomId, room);
  return rooms;
}
