import type { MetricAnswer } from "@trinity/aggregation/answer";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { previousPeriod } from "@trinity/aggregation/previous-period";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { minuteEnd } from "../reads/minute-end.ts";
import { areHeavy, type MetricFacts, type MetricPlan, metricAnswers, planMetrics, readMetrics } from "../reads/read-metrics.ts";

export type MetricQuestion = MetricQuery & {
  /** Adds the period just before. */
  readonly compare?: "previous" | undefined;
};

export type MetricData = {
  readonly answer: MetricAnswer;
  /** With `compare`: the period just before; null for a range that lies ahead. Absent without. */
  readonly previous?: MetricAnswer | null;
};

type Plan = { readonly metrics: readonly MetricPlan[]; readonly isCompared: boolean };

/** One number, by dimensions and over time. */
export const metric: QuestionKind<MetricQuestion, Plan, MetricFacts, MetricData> = {
  permission: "metrics:read",
  isHeavy: ({ metrics }) => areHeavy(metrics),
  settledAtMs: ({ toMs }) => minuteEnd(toMs),
  overflowCheck: null,

  plan({ compare, ...query }, moment) {
    const period = compare === undefined ? null : previousPeriod(query, moment.asOfMs);
    const metrics = planMetrics(period === null ? [query] : [query, { ...query, ...period }], moment);
    return metrics.ok ? ok({ metrics: metrics.value, isCompared: compare !== undefined }) : metrics;
  },

  async read({ metrics }, reader) {
    const read = await readMetrics(metrics, reader);
    // The period before says itself which of its dimensions overflowed.
    return read === "outdated" ? read : { ...read, source: metrics[0]?.source ?? "rollups", overflowed: read.facts[0]?.overflowed ?? [] };
  },

  compute({ metrics, isCompared }, facts) {
    const answers = metricAnswers(metrics, facts);
    const [answer, previous = null] = answers;
    return ok({ answer: answer as MetricAnswer, ...(isCompared ? { previous } : {}) });
  },
};
