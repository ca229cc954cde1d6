import { endOfRoom, type Room, type RoomEnding, startOfRoom } from "../entities/room.ts";
import { departureOf, type RoomMember } from "../entities/room-member.ts";
import type { RoomTitle } from "../entities/room-title.ts";
import { type RoomStep, roomSteps, stepsOf, stepsReached } from "./room-funnel.ts";

/** One room in detail. Times are Unix milliseconds, `null` if there was no such event. */
export type RoomPortrait = {
  readonly seats: number | null;
  readonly mediaType: string | null;
  readonly genres: readonly string[];
  /** Titles offered, as the creation said; 0 if it did not. */
  readonly titleCount: number;
  readonly state: RoomEnding | "open";
  readonly milestones: {
    readonly createdMs: number | null;
    readonly startedMs: number | null;
    readonly firstVoteMs: number | null;
    readonly matchedMs: number | null;
    readonly agreedMs: number | null;
    readonly closedMs: number | null;
    /** `null` while it is open. */
    readonly endedMs: number | null;
    readonly lastEventMs: number;
  };
  readonly steps: readonly { readonly step: RoomStep; readonly taken: boolean; readonly reached: boolean }[];
  readonly votes: number;
  readonly matches: number;
  /** All users with an event in it, members first. */
  readonly people: readonly {
    readonly userId: string;
    readonly member: boolean;
    readonly votes: number;
    readonly joinedMs: number | null;
    readonly leftMs: number | null;
    readonly fellSilentMs: number | null;
    readonly droppedOut: boolean;
  }[];
  /** Titles that matched first, then those with most likes. */
  readonly titles: readonly {
    readonly contentId: string;
    readonly votes: number;
    readonly likes: number;
    readonly matched: boolean;
  }[];
};

/** The members of a room by user, and its titles by content id. */
export type RoomChildren = { readonly members: ReadonlyMap<string, RoomMember>; readonly titles: ReadonlyMap<string, RoomTitle> };

/** @param asOfMs the present: by then an abandoned room must have been silent for a day, or it is still open */
export function portraitOf(room: Room, { members, titles }: RoomChildren, asOfMs: number): RoomPortrait {
  const end = endOfRoom(room);
  const isOpen = end.ending === "abandoned" && end.atMs > asOfMs;
  const taken = stepsOf(room);
  const reached = stepsReached(room);
  return {
    seats: room.seats,
    mediaType: room.mediaType,
    genres: room.genres,
    titleCount: room.titleCount,
    state: isOpen ? "open" : end.ending,
    milestones: {
      createdMs: room.created?.atMs ?? null,
      startedMs: startOfRoom(room),
      firstVoteMs: room.firstVoteAtMs,
      matchedMs: room.matchedAtMs,
      agreedMs: room.agreedAtMs,
      closedMs: room.closedAtMs,
      endedMs: isOpen ? null : end.atMs,
      lastEventMs: room.lastAtMs,
    },
    steps: roomSteps.map((step, i) => ({ step, taken: taken[step], reached: i < reached })),
    votes: room.counts.votes,
    matches: room.counts.matches,
    people: [...members]
      .map(([userId, member]) => ({
        userId,
        member: member.joinedAtMs !== undefined,
        votes: member.votes,
        joinedMs: member.joinedAtMs ?? null,
        leftMs: member.leftAtMs ?? null,
        fellSilentMs: member.silentAtMs ?? null,
        droppedOut: hasGone(member, isOpen ? asOfMs : end.atMs),
      }))
      .sort((a, b) => Number(b.member) - Number(a.member)),
    titles: [...titles]
      .map(([contentId, { votes, likes, matched }]) => ({ contentId, votes, likes, matched }))
      .sort((a, b) => Number(b.matched) - Number(a.matched) || b.likes - a.likes || b.votes - a.votes),
  };
}

function hasGone(member: RoomMember, endMs: number): boolean {
  const { leftAtMs, silentAtMs } = departureOf(member) ?? {};
  return [leftAtMs, silentAtMs].some((atMs) => atMs !== undefined && atMs < endMs);
}
