import type { Accumulator } from "@trinity/aggregation/accumulator";
import { accumulatorsFor } from "@trinity/aggregation/accumulators";
import { answerOf } from "@trinity/aggregation/answer";
import { clockDimensions, type DimensionName, valuesOf } from "@trinity/aggregation/dimension";
import { dimensionsOfMetric } from "@trinity/aggregation/metric";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import type { MetricValue } from "@trinity/aggregation/metric-value";
import { overflowedOf } from "@trinity/aggregation/overflow";
import type { QueryProblem } from "@trinity/aggregation/plan";
import type { Place, Row } from "@trinity/aggregation/row";
import type { RowSubject } from "@trinity/aggregation/row-subject";
import type { RatioSide, RowsMake } from "@trinity/aggregation/rows-of-number";
import { rowsOfPlan } from "@trinity/aggregation/rows-of-plan";
import type { SubQueryPlan } from "@trinity/aggregation/sub-query";
import { failed, ok, type Result, unwrap } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { accumulateLog } from "../reads/accumulate-log.ts";
import { minuteEnd } from "../reads/minute-end.ts";
import type { Moment } from "../reads/moment.ts";
import { type MetricPlan, planMetrics } from "../reads/read-metrics.ts";
import type { Reader } from "../reads/reader.ts";
import { comparePlaces, placeOfCursor, RowPage, type RowsOnPage } from "../reads/row-page.ts";
import { type RowsRead, rowsFromColumns } from "../reads/rows-from-columns.ts";
import { usersInSegment } from "../reads/users-in-segment.ts";
import { type ShownEvent, showEvent } from "../shown-event.ts";

/** A number whose rows are asked for: the total of its range. */
export type RowsQuestion = Omit<MetricQuery, "granularity" | "by"> & {
  /** Which rows of a ratio; null for those of its denominator. */
  readonly side: RatioSide | null;
  readonly limit: number;
  /** `nextCursor` of the page before; null for the first. */
  readonly cursor: string | null;
};

/** One page of the rows that a number is counted from, and what all of them add up to. */
export type RowsData = {
  readonly rowsAre: RowSubject;
  readonly rows: readonly ShownRow[];
  /** The events themselves, where the rows are events. */
  readonly events: readonly ShownEvent[];
  readonly nextCursor: string | null;
  /** Of all pages. */
  readonly total: number;
  readonly sum: number;
  /** What the metric says, counted from the same facts as the rows. `minute` is the first minute of a peak. */
  readonly number: MetricValue & {
    readonly unit: string;
    readonly field: RowsMake["field"];
    readonly madeBy: RowsMake["by"];
    readonly minute?: string;
  };
};

type ShownRow = {
  readonly key: string;
  readonly at: string;
  readonly until?: string;
  readonly amount: number;
  readonly value?: number;
  readonly dimensions: Readonly<Record<string, readonly string[]>>;
};

type Plan = { readonly question: RowsQuestion; readonly metric: MetricPlan; readonly after: Place | null };
type Facts = {
  readonly accumulators: readonly Accumulator[];
  readonly page: RowsOnPage;
  readonly rowsAre: RowSubject;
  readonly make: RowsMake;
  readonly minuteMs: number | null;
};

/** How many events or entities one page may scan. */
const scanMax = 5_000_000;

/**
 * The rows that a number is counted from, chosen by the rule that counts it. Events and receipts come in the order of the log,
 * all others in the order of their keys. Each page scans everything again.
 */
export const rows: QuestionKind<RowsQuestion, Plan, Facts, RowsData> = {
  permission: "events:read",
  isHeavy: () => true,
  settledAtMs: ({ toMs }) => minuteEnd(toMs),
  overflowCheck: null,

  plan(question, moment) {
    const planned = planFromLog(question, moment);
    if (!planned.ok) return planned;
    const metric = planned.value;
    const rowsOf = rowsOfPlan(metric, question.side);
    if (!rowsOf.ok) return rowsOf;
    const { cursor } = question;
    const after = cursor === null ? null : placeOfCursor(cursor, rowsOf.value.rowsAre);
    if (cursor !== null && after === null) return failed({ path: "cursor", message: "must be `nextCursor` of the page before" });
    return ok({ question, metric, after });
  },

  async read({ question, metric, after }, reader) {
    const { segment, toMs, side, limit } = question;
    const segmentUsers = segment === undefined ? null : await usersInSegment(reader.store, { segment, toMs });
    const userFilter = segmentUsers?.users ?? null;
    // Collects, so each read needs its own.
    const rowsOf = () => unwrap(rowsOfPlan(metric, side));
    const checks = metric.checks.map(({ subQuery }) => fromLog(subQuery));
    const { rowsAre, make, minuteOf } = rowsOf();
    const asked = { metric, checks, userFilter, after, limit };
    const read =
      (await rowsFromColumns({ ...asked, rowsOf: rowsOf() }, reader)) ?? (await rowsFromLog({ ...asked, rowsOf: rowsOf() }, reader));
    const accumulators = read.accumulators.slice(0, metric.subQueries.length);
    const checked = read.accumulators.slice(metric.subQueries.length);
    return {
      facts: { accumulators, page: read.page, rowsAre, make, minuteMs: minuteOf?.(accumulators) ?? null },
      source: "log",
      overflowed: overflowedOf(metric.checks, checked, segmentUsers?.overflowed),
    };
  },

  compute({ metric: plan }, { accumulators, page, rowsAre, make, minuteMs }) {
    const [{ by: _, ...number } = { by: {}, value: null }] = answerOf(plan, accumulators).totals;
    const dimensions = dimensionsOfMetric(plan.metric).filter((name) => !clockDimensions.has(name));
    return ok({
      rowsAre,
      rows: page.rows.map((row) => showRow(row, dimensions)),
      events: page.rows.flatMap(({ event }) => (event === null ? [] : [showEvent(event)])),
      nextCursor: page.nextCursor,
      total: page.total,
      sum: page.sum,
      number: {
        ...number,
        unit: plan.metric.unit,
        field: make.field,
        madeBy: make.by,
        ...(minuteMs === null ? {} : { minute: new Date(minuteMs).toISOString() }),
      },
    });
  },
};

/** Reads everything that the number counts, and keeps one page. */
async function rowsFromLog(
  { metric, checks, rowsOf: { collector }, userFilter, after, limit }: Parameters<typeof rowsFromColumns>[0],
  { store, moment }: Reader,
): Promise<RowsRead> {
  const { calendar, subQueries } = metric;
  const accumulators = accumulatorsFor({ subQueries, calendar });
  const checked = accumulatorsFor({ subQueries: checks, calendar });
  const page = new RowPage(after, limit);
  await accumulateLog(store, [...accumulators, ...checked], { userFilter, throughSeq: moment.watermark.seq, scanMax }, (fact) => {
    const row = collector.add(fact);
    if (row !== null) page.add(row);
  });
  for (const row of [...collector.rest(accumulators)].sort((a, b) => comparePlaces(a.place, b.place))) page.add(row);
  return { accumulators: [...accumulators, ...checked], page };
}

function planFromLog({ side: _, limit: __, cursor: ___, ...query }: RowsQuestion, moment: Moment): Result<MetricPlan, QueryProblem> {
  const planned = planMetrics([{ ...query, granularity: "total", by: [] }], moment);
  if (!planned.ok) return planned;
  const [plan] = planned.value as readonly [MetricPlan];
  return ok({ ...plan, subQueries: plan.subQueries.map(fromLog) });
}

function fromLog(subQuery: SubQueryPlan): SubQueryPlan {
  return { ...subQuery, source: { kind: "log" } };
}

function showRow({ key, atMs, untilMs, amount, value, dimensions }: Row, names: readonly DimensionName[]): ShownRow {
  return {
    key,
    at: new Date(atMs).toISOString(),
    ...(untilMs === undefined ? {} : { until: new Date(untilMs).toISOString() }),
    amount,
    ...(value === undefined ? {} : { value }),
    dimensions: Object.fromEntries(names.map((name) => [name, [...valuesOf(dimensions, name)]])),
  };
}
