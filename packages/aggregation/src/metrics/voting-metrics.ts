import { matchMeasure, voteComponent, voteMeasure } from "../measures/event-measures.ts";
import { titleDiscoveryMeasure } from "../measures/first-measures.ts";
import type { Metric } from "../metric.ts";

const { like, dislike, skip } = voteComponent;

export const votingMetrics: readonly Metric[] = [
  {
    name: "votes",
    unit: "votes",
    definition: "Answers to titles: likes, dislikes and skips. By genre, a vote counts once in each genre of its title.",
    privacy: "aggregate",
    measure: voteMeasure,
    reading: { kind: "count", components: [like, dislike, skip] },
  },
  {
    name: "positive_rate",
    unit: "ratio",
    definition: "Likes among all votes (shown and answered).",
    privacy: "aggregate",
    measure: voteMeasure,
    reading: { kind: "ratio", numerator: [like], denominator: [like, dislike, skip], proportion: true },
  },
  {
    name: "matches",
    unit: "matches",
    definition: "Matches found, each counted once however many sources report it.",
    privacy: "aggregate",
    measure: matchMeasure,
    reading: { kind: "count", components: [0] },
  },
  {
    name: "new_titles",
    unit: "titles",
    definition: "Films and series about which the first event ever lies in the bucket.",
    privacy: "aggregate",
    measure: titleDiscoveryMeasure,
    reading: { kind: "count", components: [0] },
  },
];
