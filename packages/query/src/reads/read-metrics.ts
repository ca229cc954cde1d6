import type { Accumulator } from "@trinity/aggregation/accumulator";
import { answerOf, type MetricAnswer } from "@trinity/aggregation/answer";
import { highCardinality } from "@trinity/aggregation/dimension";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { type OverflowCheck, overflowChecksOf, overflowedOf } from "@trinity/aggregation/overflow";
import { type Plan, planQuery, type QueryProblem } from "@trinity/aggregation/plan";
import { readsLog } from "@trinity/aggregation/sub-query";
import { ok, type Result } from "@trinity/runtime/result";
import type { CellRange } from "@trinity/storage/event-store";
import { accumulateSubQueries, type SubQueryGroup } from "./accumulate-sub-queries.ts";
import type { Moment } from "./moment.ts";
import type { Read, Reader } from "./reader.ts";
import { pointsMax } from "./too-many-points.ts";
import type { UserCells } from "./user-cells.ts";

/** What several questions about metrics have in common. */
export type QuestionScope = Pick<MetricQuery, "fromMs" | "toMs" | "timeZone" | "filters" | "segment">;
/** What one of them asks for besides: the number of the whole range, unless it says otherwise. */
export type Asked = Pick<MetricQuery, "metric"> & Partial<Omit<MetricQuery, "metric" | "timeZone" | "segment">>;

/** @returns the query of each, in order */
export function metricQueries(scope: QuestionScope, asked: readonly Asked[]): readonly MetricQuery[] {
  return asked.map((one) => ({ granularity: "total", by: [], statistic: "mean", windowDays: 1, ...scope, ...one }));
}

/** The plan of one metric, with what to count beside it to find dimensions that overflowed. */
export type MetricPlan = Plan & { readonly checks: readonly OverflowCheck[] };

/** What was counted for each plan, in their order, all of one moment. */
export type MetricFacts = readonly {
  readonly accumulators: readonly Accumulator[];
  readonly overflowed: readonly string[];
}[];

/** @returns the plan of each query, or what is wrong with the first that has a problem */
export function planMetrics(queries: readonly MetricQuery[], { asOfMs, watermark }: Moment): Result<readonly MetricPlan[], QueryProblem> {
  const dataBounds = { asOfMs, minutesFromMs: watermark.minutesFromMs };
  const plans: MetricPlan[] = [];
  for (const query of queries) {
    const plan = planQuery(query, dataBounds);
    if (!plan.ok) return plan;
    plans.push({ ...plan.value, checks: overflowChecksOf(plan.value, dataBounds) });
  }
  return ok(plans);
}

/** @returns whether anything of the plans is counted from the log, or broken down by very many values */
export function areHeavy(plans: readonly MetricPlan[]): boolean {
  return plans.some(
    ({ subQueries, checks, query }) =>
      query.by.some((name) => highCardinality.has(name)) || [...subQueries, ...checks.map(({ subQuery }) => subQuery)].some(readsLog),
  );
}

/** The facts, and the users of the same snapshot. */
type MetricRead = Read<MetricFacts> & { readonly users: UserCells };

/**
 * Counts what all plans need, from one snapshot of the rollups and the log up to its watermark.
 * @param userRanges what is asked of `users` beyond the segments of the plans
 * @throws {ScanLimitError}
 */
export async function readMetrics(
  plans: readonly MetricPlan[],
  reader: Reader,
  userRanges: readonly CellRange[] = [],
): Promise<MetricRead | "outdated"> {
  const counted = await accumulateSubQueries(reader, plans.map(groupOf), reader.moment.watermark, userRanges);
  if (counted === "outdated") return counted;
  const { groups, watermark, users } = counted;
  const facts = groups.map(({ accumulators, segmentUsers }, i) => {
    const { subQueries, checks } = plans[i] as MetricPlan;
    return {
      accumulators: accumulators.slice(0, subQueries.length),
      overflowed: overflowedOf(checks, accumulators.slice(subQueries.length), segmentUsers?.overflowed),
    };
  });
  return {
    facts,
    users,
    source: plans.some(({ source }) => source === "log") ? "log" : "rollups",
    revision: watermark.revision,
    overflowed: [...new Set(facts.flatMap(({ overflowed }) => overflowed))].sort(),
  };
}

function groupOf({ subQueries, checks, calendar, buckets, query: { segment, fromMs, toMs, timeZone } }: MetricPlan): SubQueryGroup {
  return {
    seriesMax: Math.floor(pointsMax / buckets.length),
    subQueries: [...subQueries, ...checks.map(({ subQuery }) => subQuery)],
    calendar,
    timeZone,
    segment: segment === undefined ? null : { segment, toMs },
    range: { fromMs, toMs },
  };
}

/** @returns the answer to each plan, in order */
export function metricAnswers(plans: readonly MetricPlan[], facts: MetricFacts): readonly MetricAnswer[] {
  return plans.map((plan, i) => {
    const { accumulators, overflowed } = facts[i] as MetricFacts[number];
    return answerOf(plan, accumulators, overflowed);
  });
}
