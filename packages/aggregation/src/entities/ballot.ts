import type { StoredEvent } from "@trinity/events/event";
import type { Contribution } from "../contribution.ts";
import { type TitleDimensions, titleDimensionsOf } from "../event-dimensions.ts";
import { ballotComponent } from "../measures/room-measures.ts";
import { type EventStamp, isBefore, stampOf } from "./earliest.ts";

/** What a room made of one title: when it was first voted on there, as that vote described it, and whether it matched. */
export type Ballot = {
  readonly firstVote: EventStamp | null;
  readonly dimensions: TitleDimensions;
  readonly matched: boolean;
};

/** The types of event that a ballot is made of. */
export const ballotEvents: ReadonlySet<string> = new Set(["vote_content", "match_found"]);

const unheardOf: Ballot = { firstVote: null, dimensions: {}, matched: false };

export function mergeBallot(before: Ballot | undefined, event: StoredEvent): Ballot {
  const ballot = before ?? unheardOf;
  if (event.eventType === "match_found") return ballot.matched ? ballot : { ...ballot, matched: true };
  if (!isBefore(event, ballot.firstVote)) return ballot;
  return { ...ballot, firstVote: stampOf(event), dimensions: titleDimensionsOf(event) };
}

/** A title that matched without a vote has no place in time and counts nothing. */
export function contributionsOfBallot({ firstVote, dimensions, matched }: Ballot): readonly Contribution[] {
  if (firstVote === null) return [];
  const { pairs, matched: matchedPairs } = ballotComponent;
  return [{ measure: "ballot", atMs: firstVote.atMs, dimensions, amounts: matched ? [pairs, 1, matchedPairs, 1] : [pairs, 1] }];
}
