import type { MetricAnswer } from "@trinity/aggregation/answer";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import type { LogColumns } from "@trinity/columns/log-columns";
import type { Result } from "@trinity/runtime/result";
import type { EventStore } from "@trinity/storage/event-store";
import type { Answer, QueryFailure } from "./answer.ts";
import { createQuery, type QueryCaller } from "./query.ts";
import type { DataOf, QuestionName, QuestionOf } from "./questions.ts";

const administrator: QueryCaller = { role: "admin" };

/**
 * Asks as a caller who may ask everything.
 * @param nowMs the present, read before the call
 * @param columns the log of the store as columns, if they are to be used
 */
export function tryAsking<Name extends QuestionName>(
  store: EventStore,
  question: QuestionOf<Name>,
  nowMs: number,
  columns?: LogColumns,
): Promise<Result<Answer<DataOf<Name>>, QueryFailure>> {
  return createQuery({ store, columns, readLogCheck: async () => null }).answer(question, administrator, nowMs);
}

/**
 * Asks as a caller who may ask everything.
 * @param nowMs the present, read before the call
 * @throws {TypeError} when there is no answer
 */
export async function ask<Name extends QuestionName>(
  store: EventStore,
  question: QuestionOf<Name>,
  nowMs: number,
  columns?: LogColumns,
): Promise<Answer<DataOf<Name>>> {
  const result = await tryAsking(store, question, nowMs, columns);
  if (result.ok) return result.value;
  throw new TypeError(`${question.kind}: ${JSON.stringify(result.error)}`);
}

/** @returns the answer to one question about one metric */
export async function askMetric(store: EventStore, query: MetricQuery, nowMs: number): Promise<MetricAnswer> {
  const { data } = await ask(store, { kind: "metric", ...query }, nowMs);
  return data.answer;
}
