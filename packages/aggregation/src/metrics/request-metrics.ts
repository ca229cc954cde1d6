import { count } from "../calculations/count.ts";
import { distribution } from "../calculations/distribution.ts";
import { share } from "../calculations/ratio.ts";
import { requestComponent as component, requestMeasure, resourceMeasure } from "../measures/event-measures.ts";
import type { Metric } from "../metric.ts";
import { resourceComponent as observed } from "../resource.ts";

/** Requests are counted from server spans. */
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
    definition: "Requests that failed on the server's side, as a share of all requests.",
    privacy: "system",
    calculation: share(requestMeasure, { numerator: [component.errors], denominator: [component.requests] }),
  },
  {
    name: "request_duration",
    unit: "ms",
    definition: "Time that servers took to answer a request.",
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
      "Observations that processes and hosts report, by `resource`. `cpu`, `host_cpu` and `host_memory` are shares, `memory` is in MiB; `event_loop_delay`, `gc` and `store_latency` are in seconds. A histogram counts as its number of observations, each with the value of its mean. A cumulative total counts as its increase from one point to the next. The states that are reported for one instant are one observation: the sum of the states that are use. Idle and free are not use. Guest time is not added, because Linux includes it in user time. If a host reports only idle or free, its use is 1 minus these. An attribute is a state if its name says so or if its value is a state of the metric. A point with an unknown state, or with states that contradict each other, is rejected. Negative values and values above 10^9 are dropped.",
    privacy: "system",
    calculation: distribution(resourceMeasure, {
      count: observed.observations,
      sum: observed.sumMillionths,
      bin0: observed.bin0,
      perUnit: 1e6,
    }),
  },
];
