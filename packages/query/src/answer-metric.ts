import { answerOf, type MetricAnswer } from "@trinity/aggregation/answer";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { limitedAttributesOf, overflowChecksOf, overflowedOf } from "@trinity/aggregation/overflow";
import { isProblem, type Plan, planQuery, type QueryProblem } from "@trinity/aggregation/plan";
import type { EventStore } from "@trinity/storage/event-store";
import { readLogFreshness } from "./freshness.ts";
import { accumulateSubQueries } from "./reads/accumulate-sub-queries.ts";
import { overflowedAttributes, usersInSegment } from "./reads/users-in-segment.ts";

/** So many points one answer may have: some 100 MB of JSON. */
const pointsMax = 1_000_000;

/**
 * Answers one question about one metric: the only way to a number, whoever asks.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError} when no rollup covers the question and the log is too long to compute it from
 */
export async function answerMetric(store: EventStore, query: MetricQuery, nowMs: number): Promise<MetricAnswer | QueryProblem> {
  const answers = await answerTogether(store, [query], nowMs);
  return "message" in answers ? answers : (answers[0] as MetricAnswer);
}

/**
 * Answers several questions as of one moment. What needs the log or the entities shares one reading of them.
 * @param queries in one time zone, for one segment; where there is a segment, to one end
 * @param nowMs the present, read before the call
 * @returns an answer to each, or what is wrong with the first of which something is
 * @throws {ScanLimitError}
 */
export async function answerTogether(
  store: EventStore,
  queries: readonly [MetricQuery, ...MetricQuery[]],
  nowMs: number,
): Promise<readonly MetricAnswer[] | QueryProblem> {
  const { watermark, asOfMs } = await readLogFreshness(store, nowMs);
  const dataBounds = { asOfMs, minutesFromMs: watermark.minutesFromMs };
  const plans: Plan[] = [];
  for (const query of queries) {
    const plan = planQuery(query, dataBounds);
    if (isProblem(plan)) return plan;
    plans.push(plan);
  }
  const [{ segment, toMs }] = queries;
  const userFilter = segment === undefined ? null : await usersInSegment(store, segment, toMs);
  const overflowedSegment = await overflowedAttributes(store, limitedAttributesOf(queries[0]));
  const { calendar } = plans[0] as Plan;
  const checks = plans.map((plan) => overflowChecksOf(plan, dataBounds));
  const counted = await accumulateSubQueries(
    store,
    { subQueries: plans.flatMap(({ subQueries }, i) => [...subQueries, ...(checks[i] ?? []).map(({ subQuery }) => subQuery)]), calendar },
    { userFilter, minutesFromMs: watermark.minutesFromMs },
  );
  // A day of minutes was dropped between the two looks: what was planned to be read is gone.
  if (counted === "moved on") return answerTogether(store, queries, nowMs);
  const answers: MetricAnswer[] = [];
  let from = 0;
  for (const [i, plan] of plans.entries()) {
    const accumulators = counted.accumulators.slice(from, (from += plan.subQueries.length));
    const ofPlan = checks[i] ?? [];
    const checked = counted.accumulators.slice(from, (from += ofPlan.length));
    const overflowed = overflowedOf(ofPlan, checked, overflowedSegment);
    if (accumulators.some(({ seriesCount }) => seriesCount * plan.buckets.length > pointsMax)) return tooManyPoints;
    answers.push(answerOf(plan, accumulators, { asOfMs, revision: counted.watermark.revision }, overflowed));
  }
  return answers;
}

const tooManyPoints: QueryProblem = {
  path: "by",
  message: `makes more than ${pointsMax} points of this range: ask for a coarser granularity or filter`,
};
