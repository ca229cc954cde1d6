import type { MetricAnswer } from "@trinity/aggregation/answer";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { minuteEnd } from "../reads/minute-end.ts";
import { areHeavy, type MetricFacts, type MetricPlan, metricAnswers, planMetrics, readMetrics } from "../reads/read-metrics.ts";

export type MetricsQuestion = { readonly queries: readonly MetricQuery[] };

/** Several numbers of one moment: the answers are in the order of the queries. */
export const metrics: QuestionKind<MetricsQuestion, readonly MetricPlan[], MetricFacts, readonly MetricAnswer[]> = {
  permission: "metrics:read",
  isHeavy: areHeavy,
  settledAtMs: ({ queries }) => minuteEnd(Math.max(...queries.map(({ toMs }) => toMs))),
  overflowCheck: null,
  plan: ({ queries }, moment) => planMetrics(queries, moment),
  read: readMetrics,
  compute: (plans, facts) => ok(metricAnswers(plans, facts)),
};
