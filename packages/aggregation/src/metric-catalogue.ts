import { measureOfSet } from "./measure-catalogue.ts";
import { type Metric, measuresOfMetric } from "./metric.ts";
import { ingestMetrics } from "./metrics/ingest-metrics.ts";
import { requestMetrics } from "./metrics/request-metrics.ts";
import { roomMetrics } from "./metrics/room-metrics.ts";
import { sessionMetrics } from "./metrics/session-metrics.ts";
import { userMetrics } from "./metrics/user-metrics.ts";
import { votingMetrics } from "./metrics/voting-metrics.ts";

export type MetricFamily = { readonly title: string; readonly metrics: readonly Metric[] };

/** The metrics by subject, in the order of the reference page. */
export const metricFamilies: readonly MetricFamily[] = [
  { title: "Users", metrics: userMetrics },
  { title: "Sessions", metrics: sessionMetrics },
  { title: "Voting", metrics: votingMetrics },
  { title: "Rooms", metrics: roomMetrics },
  { title: "Requests", metrics: requestMetrics },
  { title: "Ingest", metrics: ingestMetrics },
];

/** Every number there is. */
export const metricCatalogue: readonly Metric[] = metricFamilies.flatMap(({ metrics }) => metrics);

const byName = new Map(metricCatalogue.map((metric) => [metric.name, metric]));

export function findMetric(name: string): Metric | undefined {
  return byName.get(name);
}

/** @param set the name of a dimension set. @returns the names of the metrics that read its cells */
export function metricsOfSet(set: string): readonly string[] {
  const measure = measureOfSet(set);
  return metricCatalogue.filter((metric) => measuresOfMetric(metric).some(({ name }) => name === measure?.name)).map(({ name }) => name);
}
