import type { StoredEvent } from "@trinity/events/event";
import type { Contribution } from "../contribution.ts";
import type { Dimensions } from "../dimension.ts";
import { titleDimensionsOf } from "../event-dimensions.ts";
import { binOf } from "../histogram.ts";
import { roomCreationComponent, roomEndComponent, roomStartComponent } from "../measures/room-measures.ts";
import { amountsOf } from "../vector.ts";
import { type EventStamp, earliest, isBefore, latest, stampOf } from "./earliest.ts";
import { changedAt, type KeyedList } from "./keyed-list.ts";

/** A room without an event for this long is abandoned; if it speaks again it is open again. */
export const abandonmentMs = 24 * 3_600_000;

/** What a person was in a room: times by the person's own last word of each kind, `null` where there was none. */
export type RoomMember = {
  /** The last seat taken (the host's by creating the room); only who has one is a member. */
  readonly joinedAtMs: number | null;
  readonly leftAtMs: number | null;
  readonly fellSilentAtMs: number | null;
  /** The last event of any kind but being reported silent. */
  readonly activeAtMs: number | null;
  readonly votes: number;
};

/** What a room made of a title: whether it was shown or voted on, votes of any kind, likes, and whether it matched. */
export type RoomTitle = { readonly offered: boolean; readonly votes: number; readonly likes: number; readonly matched: boolean };

/** The life of a room: only sets, counts, earliest and latest instants, so that the order in which its events arrive does not matter. */
export type Room = {
  readonly created: EventStamp | null;
  /** Likes that a match needs; `null` where the creation did not say. */
  readonly seats: number | null;
  readonly mediaType: string | null;
  readonly genres: readonly string[];
  /** Titles offered as the creation said; 0 where it did not. */
  readonly titleCount: number;
  /** Everybody who did something in it, by user. */
  readonly people: KeyedList<RoomMember>;
  /** The titles that were shown, voted on or matched, by id. */
  readonly titles: KeyedList<RoomTitle>;
  /** Every vote, those of nobody and on no title included. */
  readonly votes: number;
  readonly matches: number;
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
  titleCount: 0,
  people: [],
  titles: [],
  votes: 0,
  matches: 0,
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
  const known = before ?? unheardOf;
  const room = event.eventType === "room_created" ? withCreation(known, event) : withMilestone(known, event);
  return {
    ...room,
    people: event.userId === null ? room.people : changedAt(room.people, event.userId, (member) => mergeMember(member, event)),
    titles: withTitle(room.titles, event),
    votes: room.votes + (event.eventType === "vote_content" ? 1 : 0),
    matches: room.matches + (event.eventType === "match_found" ? 1 : 0),
    lastAtMs: Math.max(room.lastAtMs, event.timestampMs),
  };
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
    titleCount: typeof titleCount === "number" ? titleCount : 0,
  };
}

const nobodyYet: RoomMember = { joinedAtMs: null, leftAtMs: null, fellSilentAtMs: null, activeAtMs: null, votes: 0 };

function mergeMember(before: RoomMember | undefined, { eventType, timestampMs, properties }: StoredEvent): RoomMember {
  const member = before ?? nobodyYet;
  if (eventType === "member_inactive") {
    if (properties.level !== "inactive" && properties.level !== "excluded") return member;
    return { ...member, fellSilentAtMs: latest(member.fellSilentAtMs, timestampMs) };
  }
  const activeAtMs = latest(member.activeAtMs, timestampMs);
  switch (eventType) {
    case "room_created":
    case "join_room":
      return { ...member, activeAtMs, joinedAtMs: latest(member.joinedAtMs, timestampMs) };
    case "leave_room":
      return { ...member, activeAtMs, leftAtMs: latest(member.leftAtMs, timestampMs) };
    case "vote_content":
      return { ...member, activeAtMs, votes: member.votes + 1 };
    default:
      return { ...member, activeAtMs };
  }
}

const unseen: RoomTitle = { offered: false, votes: 0, likes: 0, matched: false };

function withTitle(titles: Room["titles"], { eventType, properties }: StoredEvent): Room["titles"] {
  const { contentId, vote } = properties;
  if (typeof contentId !== "string") return titles;
  if (eventType === "title_shown") return changedAt(titles, contentId, (title = unseen) => ({ ...title, offered: true }));
  if (eventType === "match_found") return changedAt(titles, contentId, (title = unseen) => ({ ...title, matched: true }));
  if (eventType !== "vote_content") return titles;
  return changedAt(titles, contentId, (title = unseen) => ({
    ...title,
    offered: true,
    votes: title.votes + 1,
    likes: title.likes + (vote === "like" ? 1 : 0),
  }));
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

/** @returns the members: who ever took a seat, the host included */
export function membersOf(room: Room): readonly RoomMember[] {
  return room.people.map(([, person]) => person).filter(({ joinedAtMs }) => joinedAtMs !== null);
}

/** True for a member who had left, or fallen silent for good, before the room ended. */
export function droppedOut({ joinedAtMs, leftAtMs, fellSilentAtMs, activeAtMs }: RoomMember, endMs: number): boolean {
  const left = leftAtMs !== null && leftAtMs > (joinedAtMs ?? leftAtMs) && leftAtMs < endMs;
  const fellSilent = fellSilentAtMs !== null && fellSilentAtMs > (activeAtMs ?? fellSilentAtMs) && fellSilentAtMs < endMs;
  return left || fellSilent;
}

/** The dimensions of a room: what its creation said. */
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
  const { rooms, matched } = roomStartComponent;
  return [
    ...(room.created === null ? [] : [{ measure: "room_creation", atMs: room.created.atMs, dimensions, amounts: amountsOfCreation(room) }]),
    ...(startMs === null
      ? []
      : [{ measure: "room_start", atMs: startMs, dimensions, amounts: [rooms, 1, matched, room.matches > 0 ? 1 : 0] }]),
    { measure: "room_end", atMs: end.atMs, dimensions: { ...dimensions, ending: end.ending }, amounts: amountsOfEnd(room, end) },
  ];
}

function amountsOfCreation(room: Room): readonly number[] {
  const members = membersOf(room);
  return amountsOf(roomCreationComponent, {
    rooms: 1,
    // A room whose capacity nobody told says nothing about how well seats fill.
    ...(room.seats === null ? {} : { seats: room.seats, seated: Math.min(members.length, room.seats) }),
    members: members.length,
    votingMembers: members.filter(hasVoted).length,
    votes: room.votes,
    voters: room.people.filter(([, person]) => hasVoted(person)).length,
    matches: room.matches,
    titlesOffered: Math.max(room.titleCount, room.titles.filter(([, { offered }]) => offered).length),
    titlesVoted: room.titles.filter(([, { votes }]) => votes > 0).length,
  });
}

function amountsOfEnd(room: Room, { ending, atMs }: ReturnType<typeof endOfRoom>): readonly number[] {
  const members = membersOf(room);
  const always = amountsOf(roomEndComponent, {
    rooms: 1,
    members: members.length,
    votingMembers: members.filter(hasVoted).length,
    droppedOut: members.filter((member) => droppedOut(member, atMs)).length,
  });
  const life = room.created === null ? [] : lifeOf(Math.max(0, atMs - room.created.atMs));
  return ending === "consensus" ? [...always, ...life, ...agreementOf(room)] : [...always, ...life];
}

function lifeOf(lifeMs: number): readonly number[] {
  const { lived, lifeSumMs, lifeBin0 } = roomEndComponent;
  return [lived, 1, lifeSumMs, lifeMs, lifeBin0 + binOf(lifeMs), 1];
}

/** What a room that agreed adds: the votes on what it agreed on, and the time it took where its start is known. */
function agreementOf(room: Room): readonly number[] {
  const { timed, timeSumMs, timeBin0 } = roomEndComponent;
  const matched = room.titles.map(([, title]) => title).filter((title) => title.matched);
  const sum = (amount: (title: RoomTitle) => number) => matched.reduce((total, title) => total + amount(title), 0);
  const agreed = amountsOf(roomEndComponent, {
    consensus: 1,
    matchedVotes: sum(({ votes }) => votes),
    matchedLikes: sum(({ likes }) => likes),
  });
  const startMs = startOfRoom(room);
  if (startMs === null) return agreed;
  // Clocks of two senders may disagree by more than the room lasted: never a negative time.
  const timeMs = Math.max(0, (room.agreedAtMs ?? (room.matchedAtMs as number)) - startMs);
  return [...agreed, timed, 1, timeSumMs, timeMs, timeBin0 + binOf(timeMs), 1];
}

function hasVoted({ votes }: RoomMember): boolean {
  return votes > 0;
}
