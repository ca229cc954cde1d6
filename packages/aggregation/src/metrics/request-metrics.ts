import { count } from "../calculations/count.ts";
import { distribution } from "../calculations/distribution.ts";
import { share } from "../calculations/ratio.ts";
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
    calculation: count(requestMeasure, [component.requests]),
  },
  {
    name: "request_errors",
    unit: "requests",
    definition: "Requests that failed on the server's side.",
    privacy: "system",
    calculation: count(requestMeasure, [component.errors]),
  },
  {
    name: "error_rate",
    unit: "ratio",
    definition: "Requests that failed on the server's side, among all.",
    privacy: "system",
    calculation: share(requestMeasure, { numerator: [component.errors], denominator: [component.requests] }),
  },
  {
    name: "request_duration",
    unit: "ms",
    definition: "Time that servers took to answer.",
    privacy: "system",
    calculation: distribution(requestMeasure, {
      count: component.requests,
      sum: component.durationSumUs,
      bin0: component.durationBin0,
      perUnit: 1000,
    }),
  },
  {
    name: "resource_usage",
    unit: "1",
    definition:
      "Observations that processes and hosts report, by `resource`. `cpu`, `host_cpu` and `host_memory` are shares, `memory` is in MiB; `event_loop_delay`, `gc` and `store_latency` are in seconds. A histogram counts as its number of observations, each with its mean. A running total counts as its growth between two points. States of one instant are one observation. Idle and free are no use. Guest time counts once: Linux counts it as user time too. If a host reports only idle or free, its use is the rest. The state is any attribute whose value is a state of the metric, whatever its name. Unknown states, and two that contradict each other, are rejected. Negative values and values above 10^9 are left out.",
    privacy: "system",
    calculation: distribution(resourceMeasure, {
      count: observed.observations,
      sum: observed.sumMillionths,
      bin0: observed.bin0,
      perUnit: 1e6,
    }),
  },
];
