import type { MetricAnswer } from "@trinity/aggregation/answer";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import type { QueryProblem } from "@trinity/aggregation/plan";
import type { EventStore } from "@trinity/storage/event-store";
import { answerTogether } from "./answer-metric.ts";

/** What several questions have in common. */
export type QuestionScope = Pick<MetricQuery, "fromMs" | "toMs" | "timeZone" | "filters" | "segment">;
/** What one of them asks besides; the number of the whole range unless told otherwise. */
export type Asked = Pick<MetricQuery, "metric"> & Partial<Omit<MetricQuery, "metric" | "timeZone" | "segment">>;

/** Answers, all of one moment. */
export type MetricAnswers<Name extends string> = {
  readonly answers: Readonly<Record<Name, MetricAnswer>>;
  readonly asOf: string;
  readonly revision: number;
};

/**
 * Answers named questions about metrics as of one moment.
 * @param asked one at least
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError}
 */
export async function answerMetrics<Name extends string>(
  store: EventStore,
  scope: QuestionScope,
  asked: Readonly<Record<Name, Asked>>,
  nowMs: number,
): Promise<MetricAnswers<Name> | QueryProblem> {
  const names = Object.keys(asked) as Name[];
  const queries = names.map((name): MetricQuery => ({ ...plain, ...scope, ...asked[name] }));
  const found = await answerTogether(store, queries as [MetricQuery, ...MetricQuery[]], nowMs);
  if ("message" in found) return found;
  const [{ asOf, revision }] = found as readonly [MetricAnswer, ...MetricAnswer[]];
  const answers = Object.fromEntries(names.map((name, i) => [name, found[i]])) as Record<Name, MetricAnswer>;
  return { answers, asOf, revision };
}

const plain = { granularity: "total", by: [], statistic: "mean", windowDays: 1 } as const;
