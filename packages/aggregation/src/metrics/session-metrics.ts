import { count } from "../calculations/count.ts";
import { distribution } from "../calculations/distribution.ts";
import { peak } from "../calculations/peak.ts";
import { ratio, share } from "../calculations/ratio.ts";
import { sessionComponent as component, sessionBalanceMeasure, sessionFlowMeasure, sessionMeasure } from "../measures/session-measure.ts";
import type { Metric } from "../metric.ts";

/** A session counts in the bucket of its start. For events without a session id, a gap of 30 minutes or more starts a new session. */
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
    definition:
      "Time from the first to the last event of a session, over sessions that start in the bucket. A session with one event lasts 0.",
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
    definition: "Events per session, over sessions that start in the bucket.",
    privacy: "people",
    calculation: ratio(sessionMeasure, { numerator: [component.events], denominator: [component.sessions] }),
  },
  {
    name: "bounce_rate",
    unit: "ratio",
    definition: "Sessions with exactly one event, as a share of the sessions that start in the bucket.",
    privacy: "people",
    calculation: share(sessionMeasure, { numerator: [component.bounces], denominator: [component.sessions] }),
  },
  {
    name: "concurrent_sessions",
    unit: "sessions",
    definition:
      "The maximum number of sessions that were open in the same minute of the bucket. A session is open from the minute of its first event to the minute of its last event.",
    privacy: "people",
    calculation: peak({ flow: sessionFlowMeasure, balance: sessionBalanceMeasure }),
  },
];
