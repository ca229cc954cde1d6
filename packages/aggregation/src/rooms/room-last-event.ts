import type { StoredEvent } from "@trinity/events/event";
import { type EventStamp, isBefore, stampOf } from "../entities/earliest.ts";
import { abandonmentMs, endOfRoom, type Room } from "../entities/room.ts";

/** Reports of an ending, or that one is near: not what the people of a room did last. */
export const endingEvents: ReadonlySet<string> = new Set([
  "match_found",
  "consensus_achieved",
  "no_consensus",
  "room_completed",
  "room_stalled",
  "room_abandoned",
]);

/** The last that happened in each of some rooms before its end, reports of endings left out. Takes events in any order. */
export class LastEventAccumulator {
  readonly range: { readonly fromMs: number; readonly toMs: number };
  /** By room, when it ended. */
  readonly endMs: ReadonlyMap<string, number>;
  readonly #last = new Map<string, EventStamp & { readonly eventType: string }>();

  constructor(rooms: ReadonlyMap<string, Room>) {
    const ends = new Map<string, number>();
    let [fromMs, toMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const [roomId, room] of rooms) {
      const endMs = endOfRoom(room).atMs;
      ends.set(roomId, endMs);
      fromMs = Math.min(fromMs, heardBefore(room, endMs));
      toMs = Math.max(toMs, Math.min(endMs, room.lastAtMs + 1));
    }
    this.endMs = ends;
    this.range = { fromMs: Math.min(fromMs, toMs), toMs };
  }

  add(event: StoredEvent): void {
    const endMs = event.roomId === null ? undefined : this.endMs.get(event.roomId);
    const { fromMs, toMs } = this.range;
    if (endMs === undefined || event.timestampMs < fromMs || event.timestampMs >= Math.min(endMs, toMs)) return;
    if (endingEvents.has(event.eventType)) return;
    const roomId = event.roomId as string;
    const last = this.#last.get(roomId);
    if (last === undefined || !isBefore(event, last)) this.#last.set(roomId, { ...stampOf(event), eventType: event.eventType });
  }

  /** @returns the type of the event; `none` where nothing but an ending was heard of the room */
  typeOf(roomId: string): string {
    return this.#last.get(roomId)?.eventType ?? "none";
  }
}

/** An instant before the end at which the room is known to have been heard of, so that its last event is not before it. */
function heardBefore(room: Room, endMs: number): number {
  const ofPeople = room.departures.flatMap(([, { leftAtMs = null, silentAtMs = null }]) => [leftAtMs, silentAtMs]);
  const known = [room.created?.atMs ?? null, room.startedAtMs, room.firstVoteAtMs, ...ofPeople];
  const before = known.filter((atMs) => atMs !== null && atMs < endMs) as number[];
  // A room of which no such instant is kept was hardly heard of: it is looked for in the day before.
  return before.length === 0 ? Math.min(endMs, room.lastAtMs) - abandonmentMs : Math.max(...before);
}
