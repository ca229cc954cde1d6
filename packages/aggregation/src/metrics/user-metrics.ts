import { eventMeasure, userActivityMeasure } from "../measures/event-measures.ts";
import { newUserMeasure } from "../measures/first-measures.ts";
import type { Metric } from "../metric.ts";

export const userMetrics: readonly Metric[] = [
  {
    name: "events",
    unit: "events",
    definition:
      "Events in the log, by when they happened; what machines report of themselves (spans, log records, metric points) is not among them.",
    privacy: "aggregate",
    measure: eventMeasure,
    reading: { kind: "count", components: [0] },
  },
  {
    name: "active_users",
    unit: "users",
    definition: "Distinct users with at least one user action in the bucket, or in the 7 or 30 days that end with it (`window`).",
    privacy: "people",
    measure: userActivityMeasure,
    reading: { kind: "distinct" },
  },
  {
    name: "new_users",
    unit: "users",
    definition: "Users whose first event ever lies in the bucket.",
    privacy: "people",
    measure: newUserMeasure,
    reading: { kind: "count", components: [0] },
  },
];
