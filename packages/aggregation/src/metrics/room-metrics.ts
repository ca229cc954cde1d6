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
    definition: "Rooms that were created in the bucket.",
    privacy: "aggregate",
    calculation: count(roomCreationMeasure, [creation.rooms]),
  },
  {
    name: "rooms_started",
    unit: "rooms",
    definition:
      "Rooms that started in the bucket. A room starts with its `room_started` event, or with its first vote if there is no such event.",
    privacy: "aggregate",
    calculation: count(roomStartMeasure, [start.rooms]),
  },
  {
    name: "match_success_rate",
    unit: "ratio",
    definition: "Rooms that found a match at any time, as a share of the rooms that started in the bucket.",
    privacy: "aggregate",
    calculation: share(roomStartMeasure, { numerator: [start.matched], denominator: [start.rooms] }),
  },
  {
    name: "rooms_ended",
    unit: "rooms",
    definition:
      "Rooms that ended in the bucket. `ending` is consensus (a match), no_consensus (closed without a match) or abandoned (no event for 24 hours).",
    privacy: "aggregate",
    calculation: count(roomEndMeasure, [end.rooms]),
    isProvisional: true,
  },
  {
    name: "consensus_rate",
    unit: "ratio",
    definition: "Rooms that ended in consensus, as a share of the rooms that ended in the bucket.",
    privacy: "aggregate",
    calculation: share(roomEndMeasure, { numerator: [end.consensus], denominator: [end.rooms] }),
    isProvisional: true,
  },
  {
    name: "time_to_consensus",
    unit: "ms",
    definition:
      "Time from the start of a room to its consensus, over rooms that ended in consensus in the bucket and whose start is known.",
    privacy: "aggregate",
    calculation: distribution(roomEndMeasure, { count: end.timed, sum: end.timeSumMs, bin0: end.timeBin0, perUnit: 1 }),
    isProvisional: true,
  },
  {
    name: "seat_fill_rate",
    unit: "ratio",
    definition:
      "Seats taken, including the host's, as a share of the seats of rooms created in the bucket. Rooms without a known number of seats do not count.",
    privacy: "aggregate",
    calculation: share(roomCreationMeasure, { numerator: [creation.seated], denominator: [creation.seats] }),
  },
  {
    name: "room_duration",
    unit: "ms",
    definition: "Time from the creation of a room to its end, over rooms that ended in the bucket and whose creation is known.",
    privacy: "aggregate",
    calculation: distribution(roomEndMeasure, { count: end.lived, sum: end.lifeSumMs, bin0: end.lifeBin0, perUnit: 1 }),
    isProvisional: true,
  },
  {
    name: "participation_rate",
    unit: "ratio",
    definition: "Members who voted, as a share of the members, including hosts, of rooms created in the bucket.",
    privacy: "aggregate",
    calculation: share(roomCreationMeasure, { numerator: [creation.votingMembers], denominator: [creation.members] }),
  },
  {
    name: "dropout_rate",
    unit: "ratio",
    definition:
      "Members who dropped out before their room ended, as a share of the members of rooms that ended in the bucket. A member drops out by leaving without joining again, or by being reported inactive without a later event.",
    privacy: "aggregate",
    calculation: share(roomEndMeasure, { numerator: [end.droppedOut], denominator: [end.members] }),
    isProvisional: true,
  },
  {
    name: "votes_per_match",
    unit: "votes/match",
    definition: "Votes in rooms created in the bucket, divided by the matches found in them.",
    privacy: "aggregate",
    calculation: ratio(roomCreationMeasure, { numerator: [creation.votes], denominator: [creation.matches] }),
  },
  {
    name: "votes_per_member",
    unit: "votes/member",
    definition: "Votes in rooms created in the bucket, divided by the users who voted in them, counted for each room.",
    privacy: "aggregate",
    calculation: ratio(roomCreationMeasure, { numerator: [creation.votes], denominator: [creation.voters] }),
  },
  {
    name: "content_discovery_rate",
    unit: "ratio",
    definition:
      "Distinct titles voted on, as a share of the titles offered in rooms created in the bucket. A room offers as many titles as its creation reports, or as were shown or voted on in it if these are more.",
    privacy: "aggregate",
    calculation: share(roomCreationMeasure, { numerator: [creation.titlesVoted], denominator: [creation.titlesOffered] }),
  },
  {
    name: "match_quality",
    unit: "ratio",
    definition: "Likes, as a share of all votes on the titles that matched, over rooms that ended in consensus in the bucket.",
    privacy: "aggregate",
    calculation: share(roomEndMeasure, { numerator: [end.matchedLikes], denominator: [end.matchedVotes] }),
    isProvisional: true,
  },
  {
    name: "room_satisfaction",
    unit: "score",
    definition:
      "A score from 0 to 100 over rooms that ended in the bucket: the weighted sum of participation, agreement on matched titles, time to consensus compared with the median of rooms of the same size, and members who stayed. The answer contains the formula and the parts.",
    privacy: "aggregate",
    calculation: satisfaction(roomEndMeasure),
    isProvisional: true,
  },
];
