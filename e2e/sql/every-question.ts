import type { DimensionName } from "@trinity/aggregation/dimension";
import { dimensionsOfMetric, type Metric, measuresOfMetric } from "@trinity/aggregation/metric";
import type { Filter, MetricQuery } from "@trinity/aggregation/metric-query";
import type { SeededChoice } from "@trinity/testing/seeded-random";
import fc from "fast-check";
import type { Cut } from "./buckets.ts";
import { anySegmentOf } from "./segment-arbitrary.ts";

/**
 * @param allCuts the ranges, buckets and time zones, used in turn
 * @param valuesOf the values that occur in a dimension
 * @returns questions about one metric: in total, by every third dimension, by a pair, with filters, and for some users if it
 * is about users
 */
export function questionsAbout(
  metric: Metric,
  allCuts: readonly Cut[],
  valuesOf: (dimension: DimensionName) => readonly string[],
  random: SeededChoice,
): readonly MetricQuery[] {
  const dimensions = dimensionsOfMetric(metric);
  const cuts = allCuts.filter(({ granularity }) => metric.name !== "stickiness" || !["minute", "hour"].includes(granularity));
  const question = (by: readonly DimensionName[], filters: readonly Filter[] = []): MetricQuery => ({
    ...random.pick(cuts),
    metric: metric.name,
    by,
    filters,
    statistic: random.pick(["mean", "p50", "p90", "p95", "p99"]),
    windowDays: random.pick([1, 7, 30]),
  });
  const plain = [question([]), question([])];
  if (dimensions.length === 0) return plain;
  const filter = (): Filter => {
    const dimension = random.pick(dimensions);
    const known = valuesOf(dimension);
    const values = Array.from({ length: 1 + random.below(3) }, () => (known.length > 0 ? random.pick(known) : "nothing"));
    return { dimension, values: [...new Set(values)], negated: random.chance(0.3) };
  };
  const two = () => [...new Set([random.pick(dimensions), random.pick(dimensions)])];
  // Every third dimension: other worlds use the others.
  const third = random.below(3);
  const each = dimensions.filter((_, i) => i % 3 === third).map((dimension) => question([dimension]));
  const narrowed = [question(two(), [filter()]), question([], [filter(), filter()])];
  const isOfUsers = measuresOfMetric(metric).every(({ perUser }) => perUser);
  const segments = isOfUsers ? fc.sample(anySegmentOf(valuesOf), { seed: random.below(2 ** 31), numRuns: 1 }) : [];
  return [...plain, ...each, ...narrowed, ...segments.map((segment) => ({ ...question([random.pick(dimensions)]), segment }))];
}
