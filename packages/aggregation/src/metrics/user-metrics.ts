import { count } from "../calculations/count.ts";
import { distinct } from "../calculations/distinct.ts";
import { type LifecycleStage, lifecycle } from "../calculations/lifecycle.ts";
import { distinctUsersOf, type Quantity, sumOf } from "../calculations/quantity.ts";
import { quotient, quotientOfDays } from "../calculations/quotient.ts";
import { eventMeasure, userActivityMeasure, voteComponent, voteMeasure } from "../measures/event-measures.ts";
import { newUserMeasure } from "../measures/first-measures.ts";
import type { Metric } from "../metric.ts";

/** Users by whether they were active in a period and in the one before. */
function usersAtStage(stage: LifecycleStage, definition: string): Metric {
  return {
    name: `${stage}_users`,
    unit: "users",
    definition,
    privacy: "people",
    calculation: lifecycle(stage, { active: userActivityMeasure, firsts: newUserMeasure }),
  };
}

const activeUsers = distinctUsersOf(userActivityMeasure);

const eventsOfType = (eventType: string): Quantity =>
  sumOf(eventMeasure, [0], [{ dimension: "eventType", values: [eventType], negated: false }]);

/** What happened in a bucket, divided by the distinct users who were active in it. */
function perUser(name: string, unit: Metric["unit"], definition: string, numerator: Quantity): Metric {
  return { name, unit, definition, privacy: "people", calculation: quotient({ numerator, denominator: activeUsers }) };
}

export const userMetrics: readonly Metric[] = [
  {
    name: "events",
    unit: "events",
    definition: "Events in the log, by when they happened. Telemetry (spans, log records, metric points) does not count.",
    privacy: "aggregate",
    calculation: count(eventMeasure, [0]),
  },
  {
    name: "active_users",
    unit: "users",
    definition: "Distinct users with at least one user action in the bucket, or in the 7 or 30 days that end with it (`window`).",
    privacy: "people",
    calculation: distinct(userActivityMeasure),
  },
  {
    name: "new_users",
    unit: "users",
    definition: "Users whose first event ever is in the bucket.",
    privacy: "people",
    calculation: count(newUserMeasure, "all"),
  },
  usersAtStage("returning", "Users who were active in the bucket and in the period of the same granularity before it."),
  usersAtStage(
    "resurrected",
    "Users who were active in the bucket but not in the period before it, and whose first event ever is before the bucket.",
  ),
  usersAtStage(
    "dormant",
    "Users who were active in the period before the bucket but not in the bucket. In a partial bucket they may still become active.",
  ),
  {
    name: "stickiness",
    unit: "ratio",
    definition:
      "Daily over monthly active users: the distinct users active on a day, and those active in the 30 days that end with it. Both are summed over the days of the bucket that have begun, and the sums are divided.",
    privacy: "people",
    calculation: quotientOfDays({ numerator: activeUsers, denominator: distinctUsersOf(userActivityMeasure, 30) }),
  },
  perUser(
    "votes_per_user",
    "votes/user",
    "Votes in the bucket, divided by the distinct users who were active in it.",
    sumOf(voteMeasure, [voteComponent.like, voteComponent.dislike, voteComponent.skip]),
  ),
  perUser(
    "rooms_joined_per_user",
    "rooms/user",
    "Joins of rooms (`join_room` events) in the bucket, divided by the distinct users who were active in it.",
    eventsOfType("join_room"),
  ),
  perUser(
    "matches_per_user",
    "matches/user",
    "Matches found (`match_found` events) in the bucket, divided by the distinct users who were active in it.",
    eventsOfType("match_found"),
  ),
];
