import { answerOf, type MetricAnswer } from "@trinity/aggregation/answer";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { isProblem, type Plan, planQuery, type QueryProblem } from "@trinity/aggregation/plan";
import { Tally } from "@trinity/aggregation/tally";
import type { EventStore, RollupSnapshot } from "./event-store.ts";
import { asOfMs } from "./present.ts";
import { readContributions } from "./read-contributions.ts";

/** So much of the log one answer may read: about five seconds. */
const scanMax = 2_000_000;
/** So many points one answer may have: some 100 MB of JSON. */
const pointsMax = 1_000_000;

/**
 * Answers one question about one metric: the only way to a number, whoever asks.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError} when no rollup covers the question and the log is too long to compute it from
 */
export async function answerMetric(store: EventStore, query: MetricQuery, nowMs: number): Promise<MetricAnswer | QueryProblem> {
  const first = await store.readRollups([]);
  const horizon = { asOfMs: await asOfMs(store, first, nowMs), minutesFromMs: first.mark.minutesFromMs };
  const plan = planQuery(query, horizon);
  if (isProblem(plan)) return plan;
  const snapshot = await store.readRollups(rangesOf(plan));
  // A day of minutes was dropped between the two looks: what was planned to be read is gone.
  if (snapshot.mark.minutesFromMs !== first.mark.minutesFromMs) return answerMetric(store, query, nowMs);
  const tally = await tallyOf(store, plan, snapshot);
  if (tally.lineCount * plan.buckets.length > pointsMax) return tooManyPoints;
  return answerOf(plan, tally, { asOfMs: horizon.asOfMs, revision: snapshot.mark.revision });
}

function rangesOf({ source }: Plan) {
  if (source.kind === "log") return [];
  const { set, segments, values } = source;
  return segments.map((segment) => ({ set: set.name, ...segment, ...(values === undefined ? {} : { values }) }));
}

async function tallyOf(store: EventStore, plan: Plan, snapshot: RollupSnapshot): Promise<Tally> {
  const tally = new Tally(plan);
  for (const cells of snapshot.cells) for (const cell of cells) tally.addCell(cell);
  if (plan.source.kind === "log") {
    const range = { fromMs: plan.edges[0] as number, toMs: plan.edges.at(-1) as number, throughSeq: snapshot.mark.seq };
    for await (const contribution of readContributions(store, plan.metric.measure.origin, range, scanMax))
      tally.addContribution(contribution);
  }
  return tally;
}

const tooManyPoints: QueryProblem = {
  path: "by",
  message: `makes more than ${pointsMax} points of this range: ask for a coarser granularity or filter`,
};
