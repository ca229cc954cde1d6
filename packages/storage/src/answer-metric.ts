import { answerOf, type MetricAnswer } from "@trinity/aggregation/answer";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { isProblem, planQuery, type QueryProblem } from "@trinity/aggregation/plan";
import type { EventStore } from "./event-store.ts";
import { asOfMs } from "./present.ts";
import { tallyParts } from "./tally-parts.ts";
import { usersInSegment } from "./users-in-segment.ts";

/** So many points one answer may have: some 100 MB of JSON. */
const pointsMax = 1_000_000;

/**
 * Answers one question about one metric: the only way to a number, whoever asks.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError} when no rollup covers the question and the log is too long to compute it from
 */
export async function answerMetric(store: EventStore, query: MetricQuery, nowMs: number): Promise<MetricAnswer | QueryProblem> {
  const { mark, headSeq } = await store.readRollups([]);
  const horizon = { asOfMs: await asOfMs(store, { mark, headSeq }, nowMs), minutesFromMs: mark.minutesFromMs };
  const plan = planQuery(query, horizon);
  if (isProblem(plan)) return plan;
  const among = query.segment === undefined ? null : await usersInSegment(store, query.segment, query.toMs);
  const counted = await tallyParts(store, plan, { among, minutesFromMs: mark.minutesFromMs });
  // A day of minutes was dropped between the two looks: what was planned to be read is gone.
  if (counted === "moved on") return answerMetric(store, query, nowMs);
  if (counted.tallies.some(({ lineCount }) => lineCount * plan.buckets.length > pointsMax)) return tooManyPoints;
  return answerOf(plan, counted.tallies, { asOfMs: horizon.asOfMs, revision: counted.mark.revision });
}

const tooManyPoints: QueryProblem = {
  path: "by",
  message: `makes more than ${pointsMax} points of this range: ask for a coarser granularity or filter`,
};
