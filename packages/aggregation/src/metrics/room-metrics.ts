import { count } from "../calculations/count.ts";
import { distribution } from "../calculations/distribution.ts";
import { ratio, share } from "../calculations/ratio.ts";
import { satisfaction } from "../calculations/satisfaction.ts";
import {
  roomCreationComponent as creation,
  roomEndComponent as end,
  roomCreationMeasure,
  roomEndMeasure,
  roomStartMeasure,
  roomStartComponent as start,
} from "../measures/room-measures.ts";
import type { Metric } from "../metric.ts";

export const roomMetrics: readonly Metric[] = [
  {
    name: "rooms_created",
    unit: "rooms",
    definition: "Rooms by the bucket of their creation.",
    privacy: "aggregate",
    calculation: count(roomCreationMeasure, [creation.rooms]),
  },
  {
    name: "rooms_started",
    unit: "rooms",
    definition: "Rooms by the bucket of their start: when they say so, or else their first vote.",
    privacy: "aggregate",
    calculation: count(roomStartMeasure, [start.rooms]),
  },
  {
    name: "match_success_rate",
    unit: "ratio",
    definition: "Of the rooms that started in the bucket, the share that found a match, whenever that was.",
    privacy: "aggregate",
    calculation: share(roomStartMeasure, { numerator: [start.matched], denominator: [start.rooms] }),
  },
  {
    name: "rooms_ended",
    unit: "rooms",
    definition:
      "Rooms by the bucket of their end: consensus (a match), no_consensus (closed without one), or abandoned (no event for 24 hours).",
    privacy: "aggregate",
    calculation: count(roomEndMeasure, [end.rooms]),
    isProvisional: true,
  },
  {
    name: "consensus_rate",
    unit: "ratio",
    definition: "Rooms that ended in consensus among all rooms that ended.",
    privacy: "aggregate",
    calculation: share(roomEndMeasure, { numerator: [end.consensus], denominator: [end.rooms] }),
    isProvisional: true,
  },
  {
    name: "time_to_consensus",
    unit: "ms",
    definition: "Agreement less start, over rooms that ended in consensus in the bucket and whose start is known.",
    privacy: "aggregate",
    calculation: distribution(roomEndMeasure, { count: end.timed, sum: end.timeSumMs, bin0: end.timeBin0, perUnit: 1 }),
    isProvisional: true,
  },
  {
    name: "seat_fill_rate",
    unit: "ratio",
    definition: "Seats taken (the host's included) among the seats of rooms created in the bucket.",
    privacy: "aggregate",
    calculation: share(roomCreationMeasure, { numerator: [creation.seated], denominator: [creation.seats] }),
  },
  {
    name: "room_duration",
    unit: "ms",
    definition: "End less creation, over rooms that ended in the bucket and whose creation is known.",
    privacy: "aggregate",
    calculation: distribution(roomEndMeasure, { count: end.lived, sum: end.lifeSumMs, bin0: end.lifeBin0, perUnit: 1 }),
    isProvisional: true,
  },
  {
    name: "participation_rate",
    unit: "ratio",
    definition: "Members who voted, among the members (the host included) of rooms created in the bucket.",
    privacy: "aggregate",
    calculation: share(roomCreationMeasure, { numerator: [creation.votingMembers], denominator: [creation.members] }),
  },
  {
    name: "dropout_rate",
    unit: "ratio",
    definition:
      "Members who had left and not come back, or were reported inactive and not seen again, before their room ended, among the members of rooms that ended in the bucket.",
    privacy: "aggregate",
    calculation: share(roomEndMeasure, { numerator: [end.droppedOut], denominator: [end.members] }),
    isProvisional: true,
  },
  {
    name: "votes_per_match",
    unit: "votes/match",
    definition: "Votes in rooms created in the bucket over the matches found in them.",
    privacy: "aggregate",
    calculation: ratio(roomCreationMeasure, { numerator: [creation.votes], denominator: [creation.matches] }),
  },
  {
    name: "votes_per_member",
    unit: "votes/member",
    definition: "Votes in rooms created in the bucket over those who voted in them.",
    privacy: "aggregate",
    calculation: ratio(roomCreationMeasure, { numerator: [creation.votes], denominator: [creation.voters] }),
  },
  {
    name: "content_discovery_rate",
    unit: "ratio",
    definition:
      "Distinct titles voted on among the titles offered in rooms created in the bucket: as many as the creation said, or as were shown or voted on if that is more.",
    privacy: "aggregate",
    calculation: share(roomCreationMeasure, { numerator: [creation.titlesVoted], denominator: [creation.titlesOffered] }),
  },
  {
    name: "match_quality",
    unit: "ratio",
    definition: "Likes among all votes on the titles that matched, over rooms that ended in consensus in the bucket.",
    privacy: "aggregate",
    calculation: share(roomEndMeasure, { numerator: [end.matchedLikes], denominator: [end.matchedVotes] }),
    isProvisional: true,
  },
  {
    name: "room_satisfaction",
    unit: "score",
    definition:
      "A score of 0 to 100 over rooms that ended in the bucket: participation, agreement on the matched title, time to consensus against the median of rooms of the same size, and dropout, weighted. Formula and parts are in the answer.",
    privacy: "aggregate",
    calculation: satisfaction(roomEndMeasure),
    isProvisional: true,
  },
];
