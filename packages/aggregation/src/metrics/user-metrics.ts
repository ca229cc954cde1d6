import { eventMeasure, userActivityMeasure, voteComponent, voteMeasure } from "../measures/event-measures.ts";
import { newUserMeasure } from "../measures/first-measures.ts";
import type { LifecycleStage, Metric, Quantity } from "../metric.ts";

/** Users by whether they were active in a period and in the one before. */
function lifecycle(stage: LifecycleStage, definition: string): Metric {
  return {
    name: `${stage}_users`,
    unit: "users",
    definition,
    privacy: "people",
    measure: userActivityMeasure,
    calculation: { kind: "lifecycle", stage, firsts: newUserMeasure },
  };
}

const activeUsers: Quantity = { measure: userActivityMeasure, calculation: { kind: "distinct" } };

const eventsOfType = (eventType: string): Quantity => ({
  measure: eventMeasure,
  calculation: { kind: "count", components: [0] },
  filters: [{ dimension: "eventType", values: [eventType], negated: false }],
});

/** What happened in a bucket, over those who were active in it. */
function perUser(name: string, unit: Metric["unit"], definition: string, numerator: Quantity): Metric {
  const calculation = { kind: "quotient", numerator, denominator: activeUsers, of: "bucket" } as const;
  return { name, unit, definition, privacy: "people", measure: numerator.measure, calculation };
}

export const userMetrics: readonly Metric[] = [
  {
    name: "events",
    unit: "events",
    definition:
      "Events in the log, by when they happened; what machines report of themselves (spans, log records, metric points) is not among them.",
    privacy: "aggregate",
    measure: eventMeasure,
    calculation: { kind: "count", components: [0] },
  },
  {
    name: "active_users",
    unit: "users",
    definition: "Distinct users with at least one user action in the bucket, or in the 7 or 30 days that end with it (`window`).",
    privacy: "people",
    measure: userActivityMeasure,
    calculation: { kind: "distinct" },
  },
  {
    name: "new_users",
    unit: "users",
    definition: "Users whose first event ever lies in the bucket.",
    privacy: "people",
    measure: newUserMeasure,
    calculation: { kind: "count", components: "all" },
  },
  lifecycle("returning", "Users who were active in the bucket and in the period of the same kind just before."),
  lifecycle(
    "resurrected",
    "Users who were active in the bucket and not in the period just before, and whose first event ever is older than the bucket.",
  ),
  lifecycle("dormant", "Users who were active in the period just before the bucket and not in it (yet, while it is partial)."),
  {
    name: "stickiness",
    unit: "ratio",
    definition:
      "Daily over monthly active users, day by day: distinct users active on each day of the bucket that has begun, among those active in the 30 days that end with it.",
    privacy: "people",
    measure: userActivityMeasure,
    calculation: { kind: "quotient", numerator: activeUsers, denominator: { ...activeUsers, windowDays: 30 }, of: "days" },
  },
  perUser("votes_per_user", "votes/user", "Votes over the distinct users who were active in the bucket.", {
    measure: voteMeasure,
    calculation: { kind: "count", components: [voteComponent.like, voteComponent.dislike, voteComponent.skip] },
  }),
  perUser(
    "rooms_joined_per_user",
    "rooms/user",
    "Seats taken in rooms (`join_room`) over the distinct users who were active in the bucket.",
    eventsOfType("join_room"),
  ),
  perUser(
    "matches_per_user",
    "matches/user",
    "Matches found (`match_found`) over the distinct users who were active in the bucket.",
    eventsOfType("match_found"),
  ),
];
