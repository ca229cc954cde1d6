import { accumulatorsFor } from "@trinity/aggregation/accumulators";
import { answerOf } from "@trinity/aggregation/answer";
import type { Metric } from "@trinity/aggregation/metric";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import type { MetricValue } from "@trinity/aggregation/metric-value";
import { limitedAttributesOf, overflowChecksOf, overflowedOf } from "@trinity/aggregation/overflow";
import { isProblem, planQuery, type QueryProblem } from "@trinity/aggregation/plan";
import type { Row } from "@trinity/aggregation/row";
import { type RatioSide, type RowSubject, type RowsMake, rowsOfNumber } from "@trinity/aggregation/rows-behind";
import type { SubQueryPlan } from "@trinity/aggregation/sub-query";
import type { EventStore } from "@trinity/storage/event-store";
import { readLogFreshness } from "./freshness.ts";
import { accumulateLog } from "./reads/accumulate-log.ts";
import { comparePlaces, placeOfCursor, RowPage } from "./reads/row-page.ts";
import { overflowedAttributes, usersInSegment } from "./reads/users-in-segment.ts";

/** A number whose rows are asked for: the total of its range. */
export type RowQuery = Omit<MetricQuery, "granularity" | "by"> & {
  /** Which rows of a ratio: those of its denominator where it is `null`. */
  readonly side: RatioSide | null;
  readonly limit: number;
  readonly cursor: string | null;
};

/** One page of the rows behind a number, and what all of them make. */
export type Exploration = {
  readonly metric: Metric;
  readonly rowsAre: RowSubject;
  readonly rows: readonly Row[];
  readonly nextCursor: string | null;
  readonly total: number;
  readonly sum: number;
  /** What the metric says, counted from the very facts that the rows were picked from. */
  readonly number: MetricValue;
  readonly asOf: string;
  readonly revision: number;
  readonly make: RowsMake;
  /** As of a metric's answer. */
  readonly overflowed?: readonly string[];
  /** Of a peak: its first minute. */
  readonly minuteMs: number | null;
};

const scanMax = 5_000_000;

/**
 * The rows behind a number, chosen by the very rule by which the number is counted. Events and receipts are in the order of the log, all
 * others in that of their keys. Everything is read anew for each page.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError}
 */
export async function exploreRows(store: EventStore, asked: RowQuery, nowMs: number): Promise<Exploration | QueryProblem> {
  const { side, limit, cursor, ...question } = asked;
  const { watermark, asOfMs } = await readLogFreshness(store, nowMs);
  const planned = planQuery({ ...question, granularity: "total", by: [] }, { asOfMs, minutesFromMs: watermark.minutesFromMs });
  if (isProblem(planned)) return planned;
  const fromLog = (subQuery: SubQueryPlan): SubQueryPlan => ({ ...subQuery, source: { kind: "log" } });
  const plan = { ...planned, subQueries: planned.subQueries.map(fromLog) };
  const checks = overflowChecksOf(plan, watermark);
  const rowsOf = rowsOfNumber(plan, side);
  if ("message" in rowsOf) return rowsOf;
  const after = cursor === null ? null : placeOfCursor(cursor, rowsOf.rowsAre);
  if (cursor !== null && after === null) return { path: "cursor", message: "must be `nextCursor` of the page before" };

  const userFilter = asked.segment === undefined ? null : await usersInSegment(store, asked.segment, asked.toMs);
  const accumulators = accumulatorsFor(plan, userFilter);
  const checked = accumulatorsFor({ subQueries: checks.map(({ subQuery }) => fromLog(subQuery)), calendar: plan.calendar }, userFilter);
  const page = new RowPage(after, limit);
  const { rowsAre, make, collector, minuteOf } = rowsOf;
  await accumulateLog(store, [...accumulators, ...checked], { userFilter, throughSeq: watermark.seq, scanMax }, (fact) => {
    const row = collector.add(fact);
    if (row !== null) page.add(row);
  });
  for (const row of [...collector.rest(accumulators)].sort((a, b) => comparePlaces(a.place, b.place))) page.add(row);
  const { totals, asOf, revision } = answerOf(plan, accumulators, { asOfMs, revision: watermark.revision });
  const [{ by: _, ...number } = { by: {}, value: null }] = totals;
  const { rows, nextCursor, total, sum } = page;
  const overflowed = overflowedOf(checks, checked, await overflowedAttributes(store, limitedAttributesOf(asked)));
  const minuteMs = minuteOf?.(accumulators) ?? null;
  return {
    metric: plan.metric,
    rowsAre,
    rows,
    nextCursor,
    total,
    sum,
    number,
    make,
    minuteMs,
    asOf,
    revision,
    ...(overflowed.length === 0 ? {} : { overflowed }),
  };
}
