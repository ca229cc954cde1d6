import { endedIn } from "@trinity/aggregation/abandonment-patterns";
import { bucketStart } from "@trinity/aggregation/bucket";
import type { Room } from "@trinity/aggregation/room";
import type { RoomScope } from "@trinity/aggregation/room-scope";
import type { EventStore } from "@trinity/storage/event-store";
import { type Freshness, readFreshness } from "../freshness.ts";
import { scanRooms } from "./scan-rooms.ts";

/**
 * The rooms that ended in a scope, the same that `rooms_ended` counts: ends of the present minute are not certain yet.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError}
 */
export async function scanEndedRooms(
  store: EventStore,
  scope: RoomScope,
  nowMs: number,
): Promise<{ readonly rooms: ReadonlyMap<string, Room>; readonly freshness: Freshness }> {
  const freshness = await readFreshness(store, nowMs);
  const knownUntilMs = bucketStart("minute", freshness.asOfMs);
  const rooms = new Map<string, Room>();
  for await (const { roomId, room } of scanRooms(store)) if (endedIn(room, scope, knownUntilMs)) rooms.set(roomId, room);
  return { rooms, freshness };
}
