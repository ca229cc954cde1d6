import { contentViewMeasure, matchMeasure, voteComponent, voteMeasure } from "../measures/event-measures.ts";
import { titleDiscoveryMeasure } from "../measures/first-measures.ts";
import { ballotComponent, ballotMeasure } from "../measures/room-measures.ts";
import type { Metric } from "../metric.ts";

const { like, dislike, skip, recommendedLike, recommended } = voteComponent;

export const votingMetrics: readonly Metric[] = [
  {
    name: "votes",
    unit: "votes",
    definition: "Answers to titles: likes, dislikes and skips. By genre, a vote counts once in each genre of its title.",
    privacy: "aggregate",
    measure: voteMeasure,
    calculation: { kind: "count", components: [like, dislike, skip] },
  },
  {
    name: "positive_rate",
    unit: "ratio",
    definition: "Likes among all votes (shown and answered).",
    privacy: "aggregate",
    measure: voteMeasure,
    calculation: { kind: "ratio", numerator: [like], denominator: [like, dislike, skip], proportion: true },
  },
  {
    name: "recommendation_acceptance",
    unit: "ratio",
    definition: "Likes among the votes on titles that a recommender proposed; `positive_rate` by `recommended` shows it beside all others.",
    privacy: "aggregate",
    measure: voteMeasure,
    calculation: { kind: "ratio", numerator: [recommendedLike], denominator: [recommended], proportion: true },
  },
  {
    name: "content_views",
    unit: "views",
    definition: "Titles shown on a card (`title_shown`) or opened on their own page (`media_viewed`).",
    privacy: "aggregate",
    measure: contentViewMeasure,
    calculation: { kind: "count", components: [0] },
  },
  {
    name: "matches",
    unit: "matches",
    definition: "Matches found, each counted once however many sources report it.",
    privacy: "aggregate",
    measure: matchMeasure,
    calculation: { kind: "count", components: [0] },
  },
  {
    name: "matching_power",
    unit: "ratio",
    definition: "Of the rooms in which a title was voted on, by its first vote there, the share in which it matched.",
    privacy: "aggregate",
    measure: ballotMeasure,
    calculation: { kind: "ratio", numerator: [ballotComponent.matched], denominator: [ballotComponent.pairs], proportion: true },
  },
  {
    name: "new_titles",
    unit: "titles",
    definition: "Films and series about which the first event ever lies in the bucket.",
    privacy: "aggregate",
    measure: titleDiscoveryMeasure,
    calculation: { kind: "count", components: [0] },
  },
];
