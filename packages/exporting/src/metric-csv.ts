import type { MetricAnswer } from "@trinity/aggregation/answer";
import { csvLine } from "./csv-line.ts";

const columns = ["start", "value", "numerator", "denominator", "low", "high", "count", "partial"] as const;

/**
 * The series of an answer as CSV (RFC 4180), a record a point: the values of the dimensions, then `columns`. `low` and `high` are the
 * interval. Fields that the metric does not have and missing numbers are empty.
 * @param by the requested dimensions: an answer without series does not contain them
 */
export function metricCsv({ series }: Pick<MetricAnswer, "series">, by: readonly string[]): string {
  const lines = series.flatMap(({ by: values, points }) =>
    points.map(({ start, value, numerator, denominator, interval, count, partial }) =>
      csvLine([...by.map((name) => values[name]), start, value, numerator, denominator, interval?.[0], interval?.[1], count, partial]),
    ),
  );
  return csvLine([...by, ...columns]) + lines.join("");
}
