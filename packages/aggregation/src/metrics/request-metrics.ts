import { requestComponent as component, requestMeasure, resourceMeasure } from "../measures/event-measures.ts";
import type { Metric } from "../metric.ts";
import { resourceComponent as observed } from "../resource.ts";

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
    reading: {
      kind: "distribution",
      count: component.requests,
      sum: component.durationSumUs,
      bin0: component.durationBin0,
      perUnit: 1000,
    },
  },
  {
    name: "resource_usage",
    unit: "1",
    definition:
      "What processes and hosts report of `resource`: cpu, host_cpu and host_memory as shares, memory in MiB, event_loop_delay, gc and store_latency in seconds; of a histogram its mean as often as it counts, of a running total its growth from point to point; states of one instant are one observation, in which idle and free are no use and guest time, which Linux counts as user time too, counts once; a host that reports only what is idle or free uses the rest; states that are not known are rejected; what is negative or above 10^9 is left out.",
    privacy: "system",
    measure: resourceMeasure,
    reading: {
      kind: "distribution",
      count: observed.observations,
      sum: observed.sumMillionths,
      bin0: observed.bin0,
      perUnit: 1e6,
    },
  },
];
