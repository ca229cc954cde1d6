import type { UserAccumulator } from "@trinity/aggregation/accumulator";
import { planSubQuery, type QueryProblem } from "@trinity/aggregation/plan";
import {
  type RetentionCohort,
  type RetentionQuery,
  resolveRetention,
  retentionOf,
  retentionPeriodsMax,
} from "@trinity/aggregation/retention";
import type { EventStore } from "@trinity/storage/event-store";
import { readLogFreshness } from "./freshness.ts";
import { accumulateSubQueries } from "./reads/accumulate-sub-queries.ts";
import { usersInSegment } from "./reads/users-in-segment.ts";

export type RetentionAnswer = {
  readonly cohorts: readonly RetentionCohort[];
  readonly asOfMs: number;
  readonly revision: number;
  readonly source: "rollups" | "log";
};

/**
 * Answers one question about retention, from the sets of users by day wherever periods are whole days or hours of UTC.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError} when the filters are covered by no rollup and the log is too long
 */
export async function answerRetention(store: EventStore, query: RetentionQuery, nowMs: number): Promise<RetentionAnswer | QueryProblem> {
  const { watermark, asOfMs } = await readLogFreshness(store, nowMs);
  const resolved = resolveRetention(query, asOfMs);
  if (resolved === null) return { path: "periods", message: `would look at more than ${retentionPeriodsMax} periods: ask for longer ones` };
  const subQueries = resolved.subQueries.map((subQuery) => planSubQuery(subQuery, query, resolved.calendar, watermark));
  const userFilter = query.segment === undefined ? null : await usersInSegment(store, query.segment, query.toMs);
  const counted = await accumulateSubQueries(
    store,
    { subQueries, calendar: resolved.calendar },
    { userFilter, minutesFromMs: watermark.minutesFromMs },
  );
  if (counted === "moved on") return answerRetention(store, query, nowMs);
  const [firsts, active] = counted.accumulators.map((accumulator) => (accumulator as UserAccumulator).series()[0]?.windows ?? []);
  return {
    cohorts: retentionOf(resolved, firsts ?? [], active ?? []),
    asOfMs,
    revision: counted.watermark.revision,
    source: subQueries.some(({ source }) => source.kind === "log") ? "log" : "rollups",
  };
}
