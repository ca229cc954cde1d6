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
    definition: "Answers to titles: likes, dislikes and skips. By genre, a vote counts once in each genre of its title.",
    privacy: "aggregate",
    calculation: count(voteMeasure, [like, dislike, skip]),
  },
  {
    name: "positive_rate",
    unit: "ratio",
    definition: "Likes among all votes (shown and answered).",
    privacy: "aggregate",
    calculation: share(voteMeasure, { numerator: [like], denominator: [like, dislike, skip] }),
  },
  {
    name: "recommendation_acceptance",
    unit: "ratio",
    definition: "Likes among the votes on titles that a recommender proposed; `positive_rate` by `recommended` shows it beside all others.",
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
    definition: "Matches found, each counted once however many sources report it.",
    privacy: "aggregate",
    calculation: count(matchMeasure, [0]),
  },
  {
    name: "matching_power",
    unit: "ratio",
    definition: "Of the rooms in which a title was voted on, by its first vote there, the share in which it matched.",
    privacy: "aggregate",
    calculation: share(roomTitleMeasure, { numerator: [roomTitleComponent.matched], denominator: [roomTitleComponent.pairs] }),
  },
  {
    name: "new_titles",
    unit: "titles",
    definition: "Films and series about which the first event ever lies in the bucket.",
    privacy: "aggregate",
    calculation: count(titleDiscoveryMeasure, [0]),
  },
];
