import type { MetricAnswer } from "@trinity/aggregation/answer";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import type { QueryProblem } from "@trinity/aggregation/plan";
import { answerMetric } from "./answer-metric.ts";
import type { EventStore } from "./event-store.ts";

/** What several questions have in common. */
export type QuestionScope = Pick<MetricQuery, "fromMs" | "toMs" | "timeZone" | "filters">;
/** What one of them asks besides; the number of the whole range unless told otherwise. */
export type Asked = Pick<MetricQuery, "metric"> & Partial<Omit<MetricQuery, "metric">>;

/** Answers, and how far the least of them reaches. */
export type MetricAnswers<Name extends string> = {
  readonly answers: Readonly<Record<Name, MetricAnswer>>;
  readonly asOf: string;
  readonly revision: number;
};

/**
 * Answers several questions about metrics, one after the other.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError}
 */
export async function answerMetrics<Name extends string>(
  store: EventStore,
  scope: QuestionScope,
  asked: Readonly<Record<Name, Asked>>,
  nowMs: number,
): Promise<MetricAnswers<Name> | QueryProblem> {
  const answers: [Name, MetricAnswer][] = [];
  for (const name of Object.keys(asked) as Name[]) {
    const answer = await answerMetric(store, { ...plain, ...scope, ...asked[name] }, nowMs);
    if ("message" in answer) return answer;
    answers.push([name, answer]);
  }
  const all = answers.map(([, answer]) => answer);
  return {
    answers: Object.fromEntries(answers) as Record<Name, MetricAnswer>,
    asOf: all.map(({ asOf }) => asOf).reduce((a, b) => (a < b ? a : b)),
    revision: Math.min(...all.map(({ revision }) => revision)),
  };
}

const plain = { granularity: "total", by: [], statistic: "mean", windowDays: 1 } as const;
