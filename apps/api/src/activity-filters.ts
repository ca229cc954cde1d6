import { dimensionsOfMetric, type Metric } from "@trinity/aggregation/metric";
import { findMetric } from "@trinity/aggregation/metric-catalogue";
import type { Filter } from "@trinity/aggregation/metric-query";

const known = dimensionsOfMetric(findMetric("active_users") as Metric);

/** @returns what is wrong with filters of the activity of users; `null` where nothing is */
export function activityFilterProblem(filters: readonly Filter[]): { readonly path: string; readonly message: string } | null {
  const strange = filters.find(({ dimension }) => !known.includes(dimension));
  return strange === undefined ? null : { path: "filter", message: `the activity of users has no dimension ${strange.dimension}` };
}
