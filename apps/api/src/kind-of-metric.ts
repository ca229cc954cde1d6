import type { Metric } from "@trinity/aggregation/metric";

/** What a caller needs to know of a metric to show it. */
export const metricKinds = ["count", "ratio", "duration", "distribution", "distinct", "peak", "score"] as const;
export type MetricKind = (typeof metricKinds)[number];

export function kindOfMetric({ calculation, unit }: Pick<Metric, "calculation" | "unit">): MetricKind {
  switch (calculation.kind) {
    case "quotient":
      return "ratio";
    case "lifecycle":
      return "distinct";
    case "satisfaction":
      return "score";
    case "distribution":
      return unit === "ms" ? "duration" : "distribution";
    default:
      return calculation.kind;
  }
}
