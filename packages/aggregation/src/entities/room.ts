import type { StoredEvent } from "@trinity/events/event";
import { titleCountMax } from "@trinity/events/property-types";
import type { Contribution } from "../contribution.ts";
import type { Dimensions } from "../dimension.ts";
import { titleDimensionsOf } from "../event-dimensions.ts";
import { binOf } from "../histogram.ts";
import { roomCreationComponent, roomEndComponent, roomMilestoneComponent, roomStartComponent } from "../measures/room-measures.ts";
import { amountsOf } from "../vector.ts";
import { type EventStamp, earliest, isBefore, stampOf } from "./earliest.ts";
import { type Change, type EntityDeclaration, keysFrom, roomOfKey } from "./entity-declaration.ts";
import { changedAt, type KeyedList } from "./keyed-list.ts";
import { type Departure, departureOf, type RoomMember, roomCountsOfMember } from "./room-member.ts";
import { type RoomTitle, roomCountsOfTitle } from "./room-title.ts";

/** A room without an event for this long is abandoned; its next event reopens it. */
export const abandonmentMs = 24 * 3_600_000;

/** A room: only counts, first and last instants, so that the order in which events arrive does not matter. */
export type Room = {
  readonly created: EventStamp | null;
  /** How many users it is for; `null` if the creation did not say. */
  readonly seats: number | null;
  readonly mediaType: string | null;
  readonly genres: readonly string[];
  /** Titles offered, as the creation said; 0 if it did not. */
  readonly titleCount: number;
  /** Sums over its members and titles. */
  readonly counts: RoomCounts;
  /** Members who left or became inactive, by user. */
  readonly departures: KeyedList<Departure>;
  readonly startedAtMs: number | null;
  readonly firstVoteAtMs: number | null;
  readonly matchedAtMs: number | null;
  readonly agreedAtMs: number | null;
  readonly closedAtMs: number | null;
  readonly lastAtMs: number;
};

type RoomCounts = ReturnType<typeof roomCountsOfMember> &
  ReturnType<typeof roomCountsOfTitle> & {
    /** All votes, also those without a user. */
    readonly votes: number;
    readonly matches: number;
  };

export const roomEndings = ["consensus", "no_consensus", "abandoned"] as const;
export type RoomEnding = (typeof roomEndings)[number];

const emptyRoom: Room = {
  created: null,
  seats: null,
  mediaType: null,
  genres: [],
  titleCount: 0,
  counts: {
    ...roomCountsOfMember(undefined),
    ...roomCountsOfTitle(undefined),
    votes: 0,
    matches: 0,
  },
  departures: [],
  startedAtMs: null,
  firstVoteAtMs: null,
  matchedAtMs: null,
  agreedAtMs: null,
  closedAtMs: null,
  lastAtMs: Number.NEGATIVE_INFINITY,
};

/** The instant of a room that events of a type set, if they are earlier. */
const milestoneOf = {
  room_started: "startedAtMs",
  vote_content: "firstVoteAtMs",
  match_found: "matchedAtMs",
  consensus_achieved: "agreedAtMs",
  no_consensus: "closedAtMs",
  room_completed: "closedAtMs",
} as const satisfies Record<string, keyof Room>;

type ChangedParts = { readonly roomMember?: Change<RoomMember> | undefined; readonly roomTitle?: Change<RoomTitle> | undefined };

/** A room adds what an event changes in its member and title, and never reads the others. */
function mergeRoom(before: Room | undefined, event: StoredEvent, changed: ChangedParts): Room {
  const known = before ?? emptyRoom;
  const room = event.eventType === "room_created" ? withCreation(known, event) : withMilestone(known, event);
  const { roomMember } = changed;
  return {
    ...room,
    counts: countsAfter(room.counts, event, changed),
    departures:
      roomMember === undefined ? room.departures : changedAt(room.departures, event.userId as string, () => departureOf(roomMember.after)),
    lastAtMs: Math.max(room.lastAtMs, event.timestampMs),
  };
}

function countsAfter(counts: RoomCounts, { eventType }: StoredEvent, { roomMember, roomTitle }: ChangedParts): RoomCounts {
  const after: Record<keyof RoomCounts, number> = { ...counts };
  if (roomMember !== undefined) addDifference(after, roomCountsOfMember(roomMember.before), roomCountsOfMember(roomMember.after));
  if (roomTitle !== undefined) addDifference(after, roomCountsOfTitle(roomTitle.before), roomCountsOfTitle(roomTitle.after));
  if (eventType === "vote_content") after.votes += 1;
  if (eventType === "match_found") after.matches += 1;
  return after;
}

function addDifference<Counts extends Partial<RoomCounts>>(sum: Record<keyof RoomCounts, number>, before: Counts, after: Counts): void {
  for (const name of Object.keys(after) as (keyof RoomCounts)[]) sum[name] += (after[name] ?? 0) - (before[name] ?? 0);
}

function withMilestone(room: Room, event: StoredEvent): Room {
  if (!Object.hasOwn(milestoneOf, event.eventType)) return room;
  const milestone = milestoneOf[event.eventType as keyof typeof milestoneOf];
  return { ...room, [milestone]: earliest(room[milestone], event.timestampMs) };
}

function withCreation(room: Room, event: StoredEvent): Room {
  if (!isBefore(event, room.created)) return room;
  const { seats, titleCount } = event.properties;
  const { mediaType, genre } = titleDimensionsOf(event);
  return {
    ...room,
    created: stampOf(event),
    seats: typeof seats === "number" && seats > 0 ? seats : null,
    mediaType: typeof mediaType === "string" ? mediaType : null,
    genres: (genre as readonly string[] | undefined) ?? [],
    titleCount: typeof titleCount === "number" && titleCount <= titleCountMax ? titleCount : 0,
  };
}

/** A room starts with its event for it, or else with its first vote. */
export function startOfRoom(room: Room): number | null {
  return room.startedAtMs ?? room.firstVoteAtMs;
}

/**
 * How a room ends if no more events arrive: a match comes before a close without one, and that before abandonment. The end of an open room
 * is in the future and moves with every event; answers count ends only up to their present.
 */
export function endOfRoom(room: Room): { readonly ending: RoomEnding; readonly atMs: number } {
  const consensusAtMs = earliest(room.matchedAtMs, room.agreedAtMs);
  if (consensusAtMs !== null) return { ending: "consensus", atMs: consensusAtMs };
  if (room.closedAtMs !== null) return { ending: "no_consensus", atMs: room.closedAtMs };
  return { ending: "abandoned", atMs: room.lastAtMs + abandonmentMs };
}

/** The dimensions of a room, from its creation. */
export function dimensionsOfRoom({ seats, mediaType, genres }: Pick<Room, "seats" | "mediaType" | "genres">): Dimensions {
  return {
    ...(seats === null ? {} : { roomSize: String(seats) }),
    ...(mediaType === null ? {} : { mediaType }),
    genre: genres,
  };
}

export function contributionsOfRoom(room: Room): readonly Contribution[] {
  const dimensions = dimensionsOfRoom(room);
  const startMs = startOfRoom(room);
  const end = endOfRoom(room);
  const start = amountsOf(roomStartComponent, { rooms: 1, matched: room.counts.matches > 0 ? 1 : 0 });
  return [
    ...(room.created === null ? [] : [{ measure: "room_creation", atMs: room.created.atMs, dimensions, amounts: amountsOfCreation(room) }]),
    ...(startMs === null ? [] : [{ measure: "room_start", atMs: startMs, dimensions, amounts: start }]),
    { measure: "room_end", atMs: end.atMs, dimensions: { ...dimensions, ending: end.ending }, amounts: amountsOfEnd(room, end) },
  ];
}

function amountsOfCreation({ seats, titleCount, counts }: Room): readonly number[] {
  const { members, votingMembers, votes, voters, matches, titlesOffered, titlesVoted } = counts;
  return amountsOf(roomCreationComponent, {
    rooms: 1,
    // Without a known capacity a room does not count for the fill rate.
    ...(seats === null ? {} : { seats, seated: Math.min(members, seats) }),
    members,
    votingMembers,
    votes,
    voters,
    matches,
    titlesOffered: Math.max(titleCount, titlesOffered),
    titlesVoted,
  });
}

function amountsOfEnd(room: Room, { ending, atMs }: ReturnType<typeof endOfRoom>): readonly number[] {
  const { members, votingMembers } = room.counts;
  const always = amountsOf(roomEndComponent, { rooms: 1, members, votingMembers, droppedOut: dropoutsOf(room, atMs) });
  const life = room.created === null ? [] : lifeOf(Math.max(0, atMs - room.created.atMs));
  return ending === "consensus" ? [...always, ...life, ...agreementOf(room)] : [...always, ...life];
}

/** @returns how many members had left, or become inactive for good, before an instant */
function dropoutsOf({ departures }: Room, endMs: number): number {
  const isBeforeEnd = (atMs: number | undefined) => atMs !== undefined && atMs < endMs;
  return departures.filter(([, { leftAtMs, silentAtMs }]) => isBeforeEnd(leftAtMs) || isBeforeEnd(silentAtMs)).length;
}

function lifeOf(lifeMs: number): readonly number[] {
  const { lived, lifeSumMs, lifeBin0 } = roomEndComponent;
  return [lived, 1, lifeSumMs, lifeMs, lifeBin0 + binOf(lifeMs), 1];
}

/** What a room with a match adds: the votes on the matched titles and, if its start is known, the time it took. */
function agreementOf(room: Room): readonly number[] {
  const { timed, timeSumMs, timeBin0 } = roomEndComponent;
  const { matchedVotes, matchedLikes } = room.counts;
  const agreed = amountsOf(roomEndComponent, { consensus: 1, matchedVotes, matchedLikes });
  const startMs = startOfRoom(room);
  if (startMs === null) return agreed;
  // The clocks of two senders may disagree by more than the room lasted: never a negative time.
  const timeMs = Math.max(0, (room.agreedAtMs ?? (room.matchedAtMs as number)) - startMs);
  return [...agreed, timed, 1, timeSumMs, timeMs, timeBin0 + binOf(timeMs), 1];
}

/** The hours that list a room. */
function milestonesOf(room: Room, roomId: string): readonly Contribution[] {
  const dimensions = { roomId };
  const startMs = startOfRoom(room);
  return [
    ...(room.created === null ? [] : [{ measure: "room_milestone", atMs: room.created.atMs, dimensions, amounts: wasCreated }]),
    ...(startMs === null ? [] : [{ measure: "room_milestone", atMs: startMs, dimensions, amounts: didStart }]),
    { measure: "room_milestone", atMs: endOfRoom(room).atMs, dimensions, amounts: didEnd },
  ];
}
const wasCreated = amountsOf(roomMilestoneComponent, { created: 1 });
const didStart = amountsOf(roomMilestoneComponent, { started: 1 });
const didEnd = amountsOf(roomMilestoneComponent, { ended: 1 });

export const roomEntity: EntityDeclaration<Room> = {
  storedKind: "room",
  subject: "room",
  partOf: null,
  rowsAre: "rooms",
  clusterOf: roomOfKey,
  ownerOf: () => null,
  keysOf: ({ roomId }) => keysFrom(roomId),
  merge: (before, event, { changedParts }) => mergeRoom(before, event, changedParts as ChangedParts),
  contributions: (room, roomId) => [...contributionsOfRoom(room), ...milestonesOf(room, roomId)],
  // Nothing happens when a room is abandoned.
  contributesWithinMs: null,
};
