import type { MetricAnswer } from "@trinity/aggregation/answer";
import { csvLine } from "./csv-line.ts";

const columns = ["start", "value", "numerator", "denominator", "low", "high", "count", "partial"] as const;

/**
 * The series of an answer as CSV (RFC 4180), a record a point: the values of the dimensions, then `columns`. `low` and `high` are the
 * interval. Fields that the metric does not have and missing numbers are empty.
 * @param by the requested dimensions: an answer without series does not contain them
 * @returns its lines, made as they are taken: an answer may have a million of them
 */
export function* metricCsv({ series }: Pick<MetricAnswer, "series">, by: readonly string[]): Generator<string> {
  yield csvLine([...by, ...columns]);
  for (const { by: values, points } of series) {
    const keys = by.map((name) => values[name]);
    for (const { start, value, numerator, denominator, interval, count, partial } of points)
      yield csvLine([...keys, start, value, numerator, denominator, interval?.[0], interval?.[1], count, partial]);
  }
}
