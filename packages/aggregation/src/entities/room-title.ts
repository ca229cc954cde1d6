import type { StoredEvent } from "@trinity/events/event";
import type { Contribution } from "../contribution.ts";
import { type TitleDimensions, titleDimensionsOf } from "../event-dimensions.ts";
import { roomTitleComponent } from "../measures/room-measures.ts";
import { type EventStamp, isBefore, stampOf } from "./earliest.ts";
import { type EntityDeclaration, keysFrom, roomOfKey } from "./entity-declaration.ts";

/** One title in one room. */
export type RoomTitle = {
  /** Whether it was shown or voted on there; a match may name a title without either. */
  readonly offered: boolean;
  readonly votes: number;
  readonly likes: number;
  readonly matched: boolean;
  /** The first vote, and the title as that vote described it. */
  readonly firstVote: EventStamp | null;
  readonly dimensions: TitleDimensions;
};

/** Event types that name a room title. */
const roomTitleEvents: ReadonlySet<string> = new Set(["title_shown", "vote_content", "match_found"]);

/** @returns the title of the room title that an event names; `null` if it names none */
function titleInRoomOf({ roomId, eventType, properties: { contentId } }: StoredEvent): string | null {
  return roomId !== null && typeof contentId === "string" && roomTitleEvents.has(eventType) ? contentId : null;
}

const emptyRoomTitle: RoomTitle = { offered: false, votes: 0, likes: 0, matched: false, firstVote: null, dimensions: {} };

function mergeRoomTitle(before: RoomTitle | undefined, event: StoredEvent): RoomTitle {
  const roomTitle = before ?? emptyRoomTitle;
  if (event.eventType === "match_found") return { ...roomTitle, matched: true };
  if (event.eventType !== "vote_content") return { ...roomTitle, offered: true };
  const leads = isBefore(event, roomTitle.firstVote);
  return {
    offered: true,
    votes: roomTitle.votes + 1,
    likes: roomTitle.likes + (event.properties.vote === "like" ? 1 : 0),
    matched: roomTitle.matched,
    firstVote: leads ? stampOf(event) : roomTitle.firstVote,
    dimensions: leads ? titleDimensionsOf(event) : roomTitle.dimensions,
  };
}

/** What a title adds to the counts of its room. */
export function roomCountsOfTitle(roomTitle: RoomTitle | undefined) {
  const { offered, votes, likes, matched } = roomTitle ?? emptyRoomTitle;
  return {
    titlesOffered: offered ? 1 : 0,
    titlesVoted: votes > 0 ? 1 : 0,
    matchedVotes: matched ? votes : 0,
    matchedLikes: matched ? likes : 0,
  };
}

/** A title that matched without a vote has no instant, so it counts nothing. */
function contributionsOfRoomTitle({ firstVote, dimensions, matched }: RoomTitle): readonly Contribution[] {
  if (firstVote === null) return [];
  const { pairs, matched: matchedPairs } = roomTitleComponent;
  return [{ measure: "ballot", atMs: firstVote.atMs, dimensions, amounts: matched ? [pairs, 1, matchedPairs, 1] : [pairs, 1] }];
}

export const roomTitleEntity: EntityDeclaration<RoomTitle, "room"> = {
  storedKind: "ballot",
  subject: "room",
  partOf: "room",
  rowsAre: "ballots",
  clusterOf: roomOfKey,
  ownerOf: () => null,
  keysOf: (event) => keysFrom(titleInRoomOf(event)),
  merge: mergeRoomTitle,
  contributions: contributionsOfRoomTitle,
  // Its first vote.
  contributesWithinMs: 0,
};
