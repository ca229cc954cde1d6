import type { Calendar } from "../calendar.ts";
import { unknownValue, valuesOf } from "../dimension.ts";
import { dimensionsOfRoom, endOfRoom, type Room } from "../entities/room.ts";
import { type Attributes, OverRepresentation, type Pattern } from "../statistics/over-represented.ts";
import { stepsOf } from "./room-funnel.ts";
import { LastEventAccumulator, type LastEventCount } from "./room-last-event.ts";
import { isInScope, type RoomScope } from "./room-scope.ts";

export type AbandonmentPatterns = { readonly ended: number; readonly abandoned: number; readonly patterns: readonly Pattern[] };

/** @returns true for a room that had ended before the present, at an instant of the scope */
export function endedIn(room: Room, scope: RoomScope, knownUntilMs: number): boolean {
  const { atMs } = endOfRoom(room);
  return atMs < knownUntilMs && isInScope(room, atMs, scope);
}

/** Counts what abandoned rooms have more often than rooms that ended otherwise, room by room. */
export class AbandonmentAccumulator {
  /** Takes the rooms as well: which events they had last is read from the log. */
  readonly lastEvents: LastEventAccumulator;
  readonly #found = new OverRepresentation();
  readonly #scope: RoomScope;
  readonly #knownUntilMs: number;
  readonly #calendar: Calendar;

  /**
   * @param scope of the ends of rooms
   * @param knownUntilMs ends after it are not certain yet
   * @param calendar of the time zone that hours are told in
   */
  constructor(scope: RoomScope, knownUntilMs: number, calendar: Calendar, lastEvents = new LastEventAccumulator()) {
    this.#scope = scope;
    this.#knownUntilMs = knownUntilMs;
    this.#calendar = calendar;
    this.lastEvents = lastEvents;
  }

  /** Leaves out a room that did not end in the scope. */
  add(roomId: string, room: Room): void {
    if (!endedIn(room, this.#scope, this.#knownUntilMs)) return;
    const end = endOfRoom(room);
    this.#found.addOne(end.ending === "abandoned", attributesOf(room, this.#calendar));
    this.lastEvents.include(roomId, room, end);
  }

  /** One more attribute of the rooms. */
  addLastEvents(counts: readonly LastEventCount[]): void {
    for (const { isAbandoned, eventType, rooms } of counts)
      this.#found.addValue(isAbandoned, { attribute: "lastEvent", value: eventType, facts: rooms });
  }

  patterns(): AbandonmentPatterns {
    const { among, others } = this.#found.sizes;
    return { ended: among + others, abandoned: among, patterns: this.#found.patterns() };
  }
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
