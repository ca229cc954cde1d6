import type { StoredEvent } from "@trinity/events/event";
import { latest } from "./earliest.ts";

/** What a person was in a room: the last word of each kind, absent where there was none. */
export type RoomMember = {
  /** The last seat taken (the host's by creating the room); only who has one is a member. */
  readonly joinedAtMs?: number;
  readonly leftAtMs?: number;
  /** The last report that the person is inactive. */
  readonly silentAtMs?: number;
  /** The last event of any other kind. */
  readonly activeAtMs?: number;
  readonly votes: number;
};

/** @returns the key of the seat that an event belongs to, which begins with its room's; `null` for one that belongs to none */
export function roomMemberKeyOf({ roomId, userId }: StoredEvent): string | null {
  return roomId !== null && userId !== null ? `${roomId}/${userId}` : null;
}

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

/** What a seat adds to the numbers of its room. */
export function roomCountsOfMember(member: RoomMember | undefined) {
  const isMember = member?.joinedAtMs !== undefined;
  const hasVoted = (member?.votes ?? 0) > 0;
  return { members: isMember ? 1 : 0, votingMembers: isMember && hasVoted ? 1 : 0, voters: hasVoted ? 1 : 0 };
}

/** When a member who is not there any more went: by leaving without coming back, and by falling silent for good. */
export type Departure = { readonly leftAtMs?: number; readonly silentAtMs?: number };

/** @returns `undefined` for a member who is there, and for somebody who is no member */
export function departureOf({ joinedAtMs, leftAtMs, silentAtMs, activeAtMs }: RoomMember): Departure | undefined {
  if (joinedAtMs === undefined) return undefined;
  const departure = {
    ...(leftAtMs !== undefined && leftAtMs > joinedAtMs ? { leftAtMs } : {}),
    ...(silentAtMs !== undefined && silentAtMs > (activeAtMs ?? silentAtMs) ? { silentAtMs } : {}),
  };
  return Object.keys(departure).length === 0 ? undefined : departure;
}
