import type { Calendar } from "./calendar.ts";
import type { Metric } from "./metric.ts";
import type { MetricQuery } from "./metric-query.ts";
import type { CountWindow } from "./sub-query.ts";

/** A bucket of the answer, and what it counts: for a rolling window that begins before the bucket. */
export type AnswerBucket = CountWindow & { readonly startMs: number; readonly endMs: number };

/** What an answer is made of, before it is known where its numbers come from. */
export type ResolvedQuery = {
  readonly metric: Metric;
  readonly query: MetricQuery;
  readonly calendar: Calendar;
  /** The present. */
  readonly asOfMs: number;
  readonly buckets: readonly AnswerBucket[];
  /** The bucket that the totals count. */
  readonly total: AnswerBucket;
};
