import type { Metric } from "./metric.ts";
import { ingestMetrics } from "./metrics/ingest-metrics.ts";
import { requestMetrics } from "./metrics/request-metrics.ts";
import { roomMetrics } from "./metrics/room-metrics.ts";
import { sessionMetrics } from "./metrics/session-metrics.ts";
import { userMetrics } from "./metrics/user-metrics.ts";
import { votingMetrics } from "./metrics/voting-metrics.ts";

/** Every number there is, in the order of the reference page. */
export const metricCatalogue: readonly Metric[] = [
  ...userMetrics,
  ...sessionMetrics,
  ...votingMetrics,
  ...roomMetrics,
  ...requestMetrics,
  ...ingestMetrics,
];

const byName = new Map(metricCatalogue.map((metric) => [metric.name, metric]));

export function findMetric(name: string): Metric | undefined {
  return byName.get(name);
}
