import type { DimensionName } from "../dimension.ts";
import { allTiers, defineMeasure, type Measure } from "../measure.ts";

const roomDimensions: readonly (readonly DimensionName[])[] = [["roomSize"], ["mediaType"], ["genre"]];

/** Rooms by their creation, with capacity, members and activity. */
export const roomCreationComponent = {
  rooms: 0,
  seats: 1,
  seated: 2,
  members: 3,
  votingMembers: 4,
  votes: 5,
  voters: 6,
  matches: 7,
  titlesOffered: 8,
  titlesVoted: 9,
} as const;
export const roomCreationMeasure = defineMeasure("room_creation", ["room"], roomDimensions);

/** Rooms by their start, and how many of them found a match. */
export const roomStartComponent = { rooms: 0, matched: 1 } as const;
export const roomStartMeasure = defineMeasure("room_start", ["room"], roomDimensions);

/** Rooms by their end, with time to consensus, duration and members. */
export const roomEndComponent = {
  rooms: 0,
  consensus: 1,
  timed: 2,
  timeSumMs: 3,
  lived: 4,
  lifeSumMs: 5,
  members: 6,
  votingMembers: 7,
  droppedOut: 8,
  matchedVotes: 9,
  matchedLikes: 10,
  timeBin0: 16,
  lifeBin0: 8192,
} as const;
export const roomEndMeasure = defineMeasure(
  "room_end",
  ["room"],
  [...roomDimensions, ["ending"], ["ending", "roomSize"], ["mediaType", "roomSize"], ["genre", "roomSize"]],
);

/** Pairs of a room and a title that was voted on in it, by the first vote. Stored cells and rows call a pair `ballot`. */
export const roomTitleComponent = { pairs: 0, matched: 1 } as const;
export const roomTitleMeasure = defineMeasure("ballot", ["roomTitle"], [["genre"], ["mediaType"], ["releaseDecade"], ["contentId"]], {
  tiers: (dimensions) => (dimensions.includes("contentId") ? ["day"] : allTiers),
});

/**
 * The index of rooms by time: each room by its id, under the hours of its creation, start and end. So a question about a range reads the rooms of
 * the range only. By the hour, because on DynamoDB the rooms of a bucket share a page that is written again as rooms are added.
 */
export const roomMilestoneComponent = { created: 0, started: 1, ended: 2 } as const;
export type RoomMilestone = keyof typeof roomMilestoneComponent;
export const roomMilestones = Object.keys(roomMilestoneComponent) as readonly RoomMilestone[];
export const roomMilestoneMeasure = defineMeasure("room_milestone", ["room"], [["roomId"]], { tiers: () => ["hour"], total: false });
/** The measures that count the same rooms by the same instants, each in its component 0. */
export const measureOfMilestone = {
  created: roomCreationMeasure,
  started: roomStartMeasure,
  ended: roomEndMeasure,
} as const satisfies Record<RoomMilestone, Measure>;
