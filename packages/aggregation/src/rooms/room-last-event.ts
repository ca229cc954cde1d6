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

/** How many rooms, abandoned or not, had an event of this type last. */
export type LastEventCount = { readonly isAbandoned: boolean; readonly eventType: string; readonly rooms: number };

/** So many take 400 MB. */
const roomsMax = 5_000_000;

type Last = EventStamp & { readonly eventType: string };

/**
 * Counts rooms by the last event before their end, reports of endings left out. First takes the rooms, then the events of its range, in any
 * order.
 */
export class LastEventAccumulator {
  /** The rooms, and at the same index when each ended and whether it was abandoned. */
  readonly roomIds: string[] = [];
  readonly endMs: number[] = [];
  readonly isAbandoned: boolean[] = [];
  readonly #roomsMax: number;
  #isTooMany = false;
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.NEGATIVE_INFINITY;
  #last: Map<string, { readonly index: number; last: Last | null }> | null = null;

  constructor(max = roomsMax) {
    this.#roomsMax = max;
  }

  /** @param end of the room */
  include(roomId: string, room: Room, { ending, atMs: endMs }: ReturnType<typeof endOfRoom> = endOfRoom(room)): void {
    this.#isTooMany ||= this.roomIds.length === this.#roomsMax;
    if (this.#isTooMany) return;
    this.roomIds.push(roomId);
    this.endMs.push(endMs);
    this.isAbandoned.push(ending === "abandoned");
    this.#fromMs = Math.min(this.#fromMs, heardBefore(room, endMs));
    this.#toMs = Math.max(this.#toMs, Math.min(endMs, room.lastAtMs + 1));
  }

  /** True where it would take too much memory to keep all rooms: their last events cannot be counted. */
  get isTooMany(): boolean {
    return this.#isTooMany;
  }

  /** Without rooms, an empty one. */
  get range(): { readonly fromMs: number; readonly toMs: number } {
    return { fromMs: Math.min(this.#fromMs, this.#toMs), toMs: this.#toMs };
  }

  add(event: StoredEvent): void {
    this.#last ??= new Map(this.roomIds.map((roomId, index) => [roomId, { index, last: null }]));
    const room = event.roomId === null ? undefined : this.#last.get(event.roomId);
    if (room === undefined || endingEvents.has(event.eventType)) return;
    if (event.timestampMs < this.#fromMs || event.timestampMs >= Math.min(this.endMs[room.index] as number, this.#toMs)) return;
    if (room.last === null || !isBefore(event, room.last)) room.last = { ...stampOf(event), eventType: event.eventType };
  }

  /** @returns the rooms by the last of the events that were added */
  counts(): readonly LastEventCount[] {
    const rooms = [...(this.#last ?? new Map<string, never>()).values()];
    const bySide = [true, false].map((isAbandoned) => {
      const ofSide = rooms.filter(({ index, last }) => last !== null && this.isAbandoned[index] === isAbandoned);
      const byType = Map.groupBy(ofSide, ({ last }) => last?.eventType as string);
      return [...byType].map(([eventType, { length }]) => ({ isAbandoned, eventType, rooms: length }));
    });
    return this.withoutAny(bySide.flat());
  }

  /** @returns the counts, and as `none` the rooms that are not in them: nothing but an ending was heard of those */
  withoutAny(counts: readonly LastEventCount[]): readonly LastEventCount[] {
    const left = [true, false].map((isAbandoned) => {
      const counted = counts.reduce((sum, one) => sum + (one.isAbandoned === isAbandoned ? one.rooms : 0), 0);
      return { isAbandoned, eventType: "none", rooms: this.#roomsOf(isAbandoned) - counted };
    });
    return [...counts, ...left.filter(({ rooms }) => rooms > 0)];
  }

  #roomsOf(isAbandoned: boolean): number {
    return this.isAbandoned.reduce((sum, one) => sum + Number(one === isAbandoned), 0);
  }
}

/** An instant before the end at which the room is known to have been heard of, so that its last event is not before it. */
function heardBefore(room: Room, endMs: number): number {
  let heardMs = Number.NEGATIVE_INFINITY;
  const note = (atMs: number | null | undefined) => {
    if (typeof atMs === "number" && atMs < endMs) heardMs = Math.max(heardMs, atMs);
  };
  note(room.created?.atMs);
  note(room.startedAtMs);
  note(room.firstVoteAtMs);
  for (const [, { leftAtMs, silentAtMs }] of room.departures) {
    note(leftAtMs);
    note(silentAtMs);
  }
  // A room of which no such instant is kept was hardly heard of: it is looked for in the day before.
  return heardMs === Number.NEGATIVE_INFINITY ? Math.min(endMs, room.lastAtMs) - abandonmentMs : heardMs;
}
