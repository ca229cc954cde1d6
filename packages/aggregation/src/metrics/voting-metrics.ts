import { count } from "../calculations/count.ts";
import { share } from "../calculations/ratio.ts";
import { contentViewMeasure, matchMeasure, voteComponent, voteMeasure } from "../measures/event-measures.ts";
import { titleDiscoveryMeasure } from "../measures/first-measures.ts";
import { roomTitleComponent, roomTitleMeasure } from "../measures/room-measures.ts";
import type { Metric } from "../metric.ts";

const { like, dislike, skip, recommendedLike, recommended } = voteComponent;

export const votingMetrics: readonly Metric[] = [
  {
    name: "votes",
    unit: "votes",
    definition: "Votes on titles: likes, dislikes and skips. By genre, a vote counts once in each genre of its title.",
    privacy: "aggregate",
    calculation: count(voteMeasure, [like, dislike, skip]),
  },
  {
    name: "positive_rate",
    unit: "ratio",
    definition: "Likes, as a share of all votes (likes, dislikes and skips).",
    privacy: "aggregate",
    calculation: share(voteMeasure, { numerator: [like], denominator: [like, dislike, skip] }),
  },
  {
    name: "recommendation_acceptance",
    unit: "ratio",
    definition:
      "Likes, as a share of the votes on titles that a recommender proposed. `positive_rate` by `recommended` compares it with the rate of all other titles.",
    privacy: "aggregate",
    calculation: share(voteMeasure, { numerator: [recommendedLike], denominator: [recommended] }),
  },
  {
    name: "content_views",
    unit: "views",
    definition: "Titles shown on a card (`title_shown`) or opened on their own page (`media_viewed`).",
    privacy: "aggregate",
    calculation: count(contentViewMeasure, [0]),
  },
  {
    name: "matches",
    unit: "matches",
    definition: "Matches found. A match that several sources report counts once.",
    privacy: "aggregate",
    calculation: count(matchMeasure, [0]),
  },
  {
    name: "matching_power",
    unit: "ratio",
    definition:
      "Pairs of a room and a title in which the title matched, as a share of the pairs with a vote. A pair counts at the first vote on the title in the room.",
    privacy: "aggregate",
    calculation: share(roomTitleMeasure, { numerator: [roomTitleComponent.matched], denominator: [roomTitleComponent.pairs] }),
  },
  {
    name: "new_titles",
    unit: "titles",
    definition: "Films and series whose first event ever is in the bucket.",
    privacy: "aggregate",
    calculation: count(titleDiscoveryMeasure, [0]),
  },
];
