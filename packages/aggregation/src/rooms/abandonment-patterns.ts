import type { Calendar } from "../calendar.ts";
import { unknownValue, valuesOf } from "../dimension.ts";
import { dimensionsOfRoom, endOfRoom, type Room } from "../entities/room.ts";
import { type Attributes, OverRepresentation, type Pattern } from "../statistics/over-represented.ts";
import { stepsOf } from "./room-funnel.ts";
import { isInScope, type RoomScope } from "./room-scope.ts";

export type AbandonmentPatterns = { readonly ended: number; readonly abandoned: number; readonly patterns: readonly Pattern[] };

/** @returns true for a room that had ended before the present, at an instant of the scope */
export function endedIn(room: Room, scope: RoomScope, knownUntilMs: number): boolean {
  const { atMs } = endOfRoom(room);
  return atMs < knownUntilMs && isInScope(room, atMs, scope);
}

/**
 * What abandoned rooms have more often than rooms that ended otherwise.
 * @param rooms ended, all of them
 * @param calendar of the time zone that hours are told in
 * @param lastEventOf the type of a room's last event before its end; `null` where it was not looked up
 */
export function abandonmentPatterns(
  rooms: ReadonlyMap<string, Room>,
  calendar: Calendar,
  lastEventOf: ((roomId: string) => string) | null,
): AbandonmentPatterns {
  const found = new OverRepresentation();
  for (const [roomId, room] of rooms) {
    const lastEvent = lastEventOf === null ? {} : { lastEvent: lastEventOf(roomId) };
    found.add(endOfRoom(room).ending === "abandoned", [{ ...attributesOf(room, calendar), ...lastEvent }]);
  }
  const { among, others } = found.sizes;
  return { ended: among + others, abandoned: among, patterns: found.patterns() };
}

function attributesOf(room: Room, calendar: Calendar): Attributes {
  const dimensions = dimensionsOfRoom(room);
  const steps = stepsOf(room);
  return {
    roomSize: valuesOf(dimensions, "roomSize"),
    mediaType: valuesOf(dimensions, "mediaType"),
    genre: valuesOf(dimensions, "genre"),
    members: membersText(room.counts.members),
    seatsFilled: room.seats === null ? unknownValue : String(steps.seats_filled),
    voted: String(steps.first_vote),
    hourOfCreation: room.created === null ? unknownValue : String(calendar.hourOfDay(room.created.atMs)),
  };
}

/** Members are counted one by one up to here, and together beyond. */
const membersApart = 8;

function membersText(members: number): string {
  return members > membersApart ? `more than ${membersApart}` : String(members);
}
