import { endedIn } from "@trinity/aggregation/abandonment-patterns";
import { bucketStart } from "@trinity/aggregation/bucket";
import type { Room } from "@trinity/aggregation/room";
import type { RoomScope } from "@trinity/aggregation/room-scope";
import type { Moment } from "./moment.ts";
import type { Reader } from "./reader.ts";
import { scanRooms } from "./scan-rooms.ts";

/** The maximum number of entities that one answer may keep at once. */
export const entitiesMax = 500_000;

/**
 * The rooms that ended in a scope, the same that `rooms_ended` counts.
 * @throws {ScanLimitError} when more than 500,000 would have to be read
 */
export async function scanEndedRooms(reader: Reader, scope: RoomScope): Promise<ReadonlyMap<string, Room>> {
  const knownUntilMs = endsKnownUntil(reader.moment);
  const rooms = new Map<string, Room>();
  for await (const page of scanRooms(reader, "ended", scope, entitiesMax)) {
    for (const { roomId, room } of page) if (endedIn(room, scope, knownUntilMs)) rooms.set(roomId, room);
  }
  return rooms;
}

/** Ends of the present minute are not certain yet. */
export function endsKnownUntil({ asOfMs }: Moment): number {
  return bucketStart("minute", asOfMs);
}
