import { count } from "../calculations/count.ts";
import { distribution } from "../calculations/distribution.ts";
import { peak } from "../calculations/peak.ts";
import { ratio, share } from "../calculations/ratio.ts";
import { sessionComponent as component, sessionBalanceMeasure, sessionFlowMeasure, sessionMeasure } from "../measures/session-measure.ts";
import type { Metric } from "../metric.ts";

/** Over sessions that start in the bucket. Where a sender names no session, a gap of 30 minutes or more starts a new one. */
export const sessionMetrics: readonly Metric[] = [
  {
    name: "sessions",
    unit: "sessions",
    definition: "Sessions that start in the bucket.",
    privacy: "people",
    calculation: count(sessionMeasure, [component.sessions]),
  },
  {
    name: "session_duration",
    unit: "ms",
    definition: "Last event of a session less its first, over sessions that start in the bucket; a session of one event lasts 0.",
    privacy: "people",
    calculation: distribution(sessionMeasure, {
      count: component.sessions,
      sum: component.durationSumMs,
      bin0: component.durationBin0,
      perUnit: 1,
    }),
  },
  {
    name: "actions_per_session",
    unit: "events/session",
    definition: "Events in sessions that start in the bucket, per session.",
    privacy: "people",
    calculation: ratio(sessionMeasure, { numerator: [component.events], denominator: [component.sessions] }),
  },
  {
    name: "bounce_rate",
    unit: "ratio",
    definition: "Share of the sessions that start in the bucket which have exactly one event.",
    privacy: "people",
    calculation: share(sessionMeasure, { numerator: [component.bounces], denominator: [component.sessions] }),
  },
  {
    name: "concurrent_sessions",
    unit: "sessions",
    definition:
      "The most sessions that were open in one minute of the bucket; a session is open in every minute from its first event's to its last one's.",
    privacy: "people",
    calculation: peak({ flow: sessionFlowMeasure, balance: sessionBalanceMeasure }),
  },
];
