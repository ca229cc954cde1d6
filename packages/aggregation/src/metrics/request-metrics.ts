import { requestComponent as component, requestMeasure } from "../measures/event-measures.ts";
import type { Metric } from "../metric.ts";

/** From server spans. */
export const requestMetrics: readonly Metric[] = [
  {
    name: "requests",
    unit: "requests",
    definition: "Requests that servers answered.",
    privacy: "system",
    measure: requestMeasure,
    reading: { kind: "count", components: [component.requests] },
  },
  {
    name: "request_errors",
    unit: "requests",
    definition: "Requests that failed on the server's side.",
    privacy: "system",
    measure: requestMeasure,
    reading: { kind: "count", components: [component.errors] },
  },
  {
    name: "error_rate",
    unit: "ratio",
    definition: "Requests that failed on the server's side, among all.",
    privacy: "system",
    measure: requestMeasure,
    reading: { kind: "ratio", numerator: [component.errors], denominator: [component.requests], proportion: true },
  },
  {
    name: "request_duration",
    unit: "ms",
    definition: "Time that servers took to answer.",
    privacy: "system",
    measure: requestMeasure,
    reading: { kind: "duration", count: component.requests, sum: component.durationSumUs, bin0: component.durationBin0, perMs: 1000 },
  },
];
