import type { Calendar } from "./calendar.ts";
import type { MetricQuery } from "./metric-query.ts";
import type { CountWindow, SubQueryPlan } from "./sub-query.ts";

/** A bucket of the answer, and the window it counts. A rolling window begins before its bucket. */
export type AnswerBucket = CountWindow & { readonly startMs: number; readonly endMs: number };

/** A valid query with its buckets, before it is decided what to read. */
export type ResolvedQuery = {
  readonly query: MetricQuery;
  readonly calendar: Calendar;
  /** The present. */
  readonly asOfMs: number;
  readonly buckets: readonly AnswerBucket[];
  /** The bucket that the totals count. */
  readonly total: AnswerBucket;
};

/** A resolved query and where each of its sub-queries is read from. */
export type PlannedQuery<SubQueryName extends string = string> = ResolvedQuery & {
  readonly subQueries: readonly SubQueryPlan<SubQueryName>[];
};
