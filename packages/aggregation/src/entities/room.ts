import type { StoredEvent } from "@trinity/events/event";
import type { Contribution } from "../contribution.ts";
import type { Dimensions } from "../dimension.ts";
import { titleDimensionsOf } from "../event-dimensions.ts";
import { binOf } from "../histogram.ts";
import { roomCreationComponent, roomEndComponent } from "../measures/room-measures.ts";
import { type EventStamp, earliest, isBefore, stampOf } from "./earliest.ts";

/** A room without an event for this long is abandoned; if it speaks again it is open again. */
export const abandonmentMs = 24 * 3_600_000;

/** The life of a room: only sets, earliest and latest instants, so that the order in which its events arrive does not matter. */
export type Room = {
  readonly created: EventStamp | null;
  /** Likes that a match needs; `null` where the creation did not say. */
  readonly seats: number | null;
  readonly mediaType: string | null;
  readonly genres: readonly string[];
  /** Who ever took a seat, the host included; in order of id. */
  readonly members: readonly string[];
  readonly startedAtMs: number | null;
  readonly firstVoteAtMs: number | null;
  readonly matchedAtMs: number | null;
  readonly agreedAtMs: number | null;
  readonly closedAtMs: number | null;
  readonly lastAtMs: number;
};

export type RoomEnding = "consensus" | "no_consensus" | "abandoned";

const unheardOf: Room = {
  created: null,
  seats: null,
  mediaType: null,
  genres: [],
  members: [],
  startedAtMs: null,
  firstVoteAtMs: null,
  matchedAtMs: null,
  agreedAtMs: null,
  closedAtMs: null,
  lastAtMs: Number.NEGATIVE_INFINITY,
};

/** Which instant of a room an event of a type can move to an earlier one. */
const milestoneOf = {
  room_started: "startedAtMs",
  vote_content: "firstVoteAtMs",
  match_found: "matchedAtMs",
  consensus_achieved: "agreedAtMs",
  no_consensus: "closedAtMs",
  room_completed: "closedAtMs",
} as const satisfies Record<string, keyof Room>;

export function mergeRoom(before: Room | undefined, event: StoredEvent): Room {
  const room = { ...(before ?? unheardOf), lastAtMs: Math.max(before?.lastAtMs ?? event.timestampMs, event.timestampMs) };
  if (event.eventType === "room_created") return withMember(withCreation(room, event), event.userId);
  if (event.eventType === "join_room") return withMember(room, event.userId);
  if (!Object.hasOwn(milestoneOf, event.eventType)) return room;
  const milestone = milestoneOf[event.eventType as keyof typeof milestoneOf];
  return { ...room, [milestone]: earliest(room[milestone], event.timestampMs) };
}

function withCreation(room: Room, event: StoredEvent): Room {
  if (!isBefore(event, room.created)) return room;
  const { seats } = event.properties;
  const { mediaType, genre } = titleDimensionsOf(event);
  return {
    ...room,
    created: stampOf(event),
    seats: typeof seats === "number" && seats > 0 ? seats : null,
    mediaType: typeof mediaType === "string" ? mediaType : null,
    genres: (genre as readonly string[] | undefined) ?? [],
  };
}

function withMember(room: Room, userId: string | null): Room {
  if (userId === null || room.members.includes(userId)) return room;
  return { ...room, members: [...room.members, userId].sort() };
}

/** A room starts when it says so, or else with its first vote. */
export function startOfRoom(room: Room): number | null {
  return room.startedAtMs ?? room.firstVoteAtMs;
}

/**
 * How a room ends if nothing more is heard of it: agreement wins, then a close without one, then silence. So the end of an open room
 * lies ahead, at its abandonment, and moves on with every event; an answer counts ends only up to its own present.
 */
export function endOfRoom(room: Room): { readonly ending: RoomEnding; readonly atMs: number } {
  const consensusAtMs = earliest(room.matchedAtMs, room.agreedAtMs);
  if (consensusAtMs !== null) return { ending: "consensus", atMs: consensusAtMs };
  if (room.closedAtMs !== null) return { ending: "no_consensus", atMs: room.closedAtMs };
  return { ending: "abandoned", atMs: room.lastAtMs + abandonmentMs };
}

export function contributionsOfRoom(room: Room): readonly Contribution[] {
  const dimensions: Dimensions = {
    ...(room.seats === null ? {} : { roomSize: String(room.seats) }),
    ...(room.mediaType === null ? {} : { mediaType: room.mediaType }),
    genre: room.genres,
  };
  const startMs = startOfRoom(room);
  const end = endOfRoom(room);
  return [
    ...(room.created === null ? [] : [{ measure: "room_creation", atMs: room.created.atMs, dimensions, amounts: amountsOfCreation(room) }]),
    ...(startMs === null ? [] : [{ measure: "room_start", atMs: startMs, dimensions, amounts: [0, 1] }]),
    { measure: "room_end", atMs: end.atMs, dimensions: { ...dimensions, ending: end.ending }, amounts: amountsOfEnd(room, end.ending) },
  ];
}

// A room whose capacity nobody told says nothing about how well seats fill.
function amountsOfCreation(room: Room): readonly number[] {
  const { rooms, seats, seated } = roomCreationComponent;
  return room.seats === null ? [rooms, 1] : [rooms, 1, seats, room.seats, seated, Math.min(room.members.length, room.seats)];
}

function amountsOfEnd(room: Room, ending: RoomEnding): readonly number[] {
  const { rooms, consensus, timed, timeSumMs, timeBin0 } = roomEndComponent;
  if (ending !== "consensus") return [rooms, 1];
  const startMs = startOfRoom(room);
  if (startMs === null) return [rooms, 1, consensus, 1];
  // Clocks of two senders may disagree by more than the room lasted: never a negative time.
  const timeMs = Math.max(0, (room.agreedAtMs ?? (room.matchedAtMs as number)) - startMs);
  return [rooms, 1, consensus, 1, timed, 1, timeSumMs, timeMs, timeBin0 + binOf(timeMs), 1];
}
