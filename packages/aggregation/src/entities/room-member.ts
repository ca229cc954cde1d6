import type { StoredEvent } from "@trinity/events/event";
import { latest } from "./earliest.ts";
import { type EntityDeclaration, keysFrom, roomOfKey } from "./entity-declaration.ts";

/** One user in one room: the last event of each kind, absent if there was none. */
export type RoomMember = {
  /** The last join, which for the host is the creation. Without it the user is no member. */
  readonly joinedAtMs?: number;
  readonly leftAtMs?: number;
  /** The last report that the user is inactive. */
  readonly silentAtMs?: number;
  /** The last event of any other kind. */
  readonly activeAtMs?: number;
  readonly votes: number;
};

const emptyMember: RoomMember = { votes: 0 };

export function mergeRoomMember(before: RoomMember | undefined, { eventType, timestampMs, properties }: StoredEvent): RoomMember {
  const member = before ?? emptyMember;
  if (eventType === "member_inactive") {
    const isSilent = properties.level === "inactive" || properties.level === "excluded";
    return isSilent ? { ...member, silentAtMs: latest(member.silentAtMs, timestampMs) } : member;
  }
  const active = { ...member, activeAtMs: latest(member.activeAtMs, timestampMs) };
  switch (eventType) {
    case "room_created":
    case "join_room":
      return { ...active, joinedAtMs: latest(member.joinedAtMs, timestampMs) };
    case "leave_room":
      return { ...active, leftAtMs: latest(member.leftAtMs, timestampMs) };
    case "vote_content":
      return { ...active, votes: member.votes + 1 };
    default:
      return active;
  }
}

/** What a member adds to the counts of its room. */
export function roomCountsOfMember(member: RoomMember | undefined) {
  const isMember = member?.joinedAtMs !== undefined;
  const hasVoted = (member?.votes ?? 0) > 0;
  return { members: isMember ? 1 : 0, votingMembers: isMember && hasVoted ? 1 : 0, voters: hasVoted ? 1 : 0 };
}

/** When a member went: by leaving without a return, and by an inactivity that did not end. */
export type Departure = { readonly leftAtMs?: number; readonly silentAtMs?: number };

/** @returns `undefined` for a member who is present, and for a user who is no member */
export function departureOf({ joinedAtMs, leftAtMs, silentAtMs, activeAtMs }: RoomMember): Departure | undefined {
  if (joinedAtMs === undefined) return undefined;
  const departure = {
    ...(leftAtMs !== undefined && leftAtMs > joinedAtMs ? { leftAtMs } : {}),
    ...(silentAtMs !== undefined && silentAtMs > (activeAtMs ?? silentAtMs) ? { silentAtMs } : {}),
  };
  return Object.keys(departure).length === 0 ? undefined : departure;
}

export const roomMemberEntity: EntityDeclaration<RoomMember, "room"> = {
  storedKind: "seat",
  subject: "room",
  partOf: "room",
  rowsAre: null,
  clusterOf: roomOfKey,
  ownerOf: (key) => key.slice(key.indexOf("/") + 1),
  keysOf: ({ roomId, userId }) => keysFrom(roomId === null ? null : userId),
  merge: mergeRoomMember,
  contributions: () => [],
  contributesWithinMs: 0,
};
