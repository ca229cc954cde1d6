import type { DimensionName } from "@trinity/aggregation/dimension";
import { dimensionsOfMetric, type Metric } from "@trinity/aggregation/metric";
import type { Filter, MetricQuery } from "@trinity/aggregation/metric-query";
import type { Random } from "../../bench/random.ts";
import type { Cut } from "./buckets.ts";

/**
 * @param cuts the ranges, buckets and time zones, which take turns
 * @param valuesOf the values that occur in a dimension
 * @returns questions about one metric: as it is, by every dimension or every second one as chance has it, by a pair, and under filters
 */
export function questionsAbout(
  metric: Metric,
  cuts: readonly Cut[],
  valuesOf: (dimension: DimensionName) => readonly string[],
  random: Random,
): readonly MetricQuery[] {
  const dimensions = dimensionsOfMetric(metric);
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
  const half = random.below(4);
  const each = dimensions.filter((_, i) => half > 1 || i % 2 === half).map((dimension) => question([dimension]));
  return [...plain, ...each, question(two()), question(two(), [filter()]), question([], [filter(), filter()])];
}
