import type { MetricAnswer } from "@trinity/aggregation/answer";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import type { EventStore } from "@trinity/storage/event-store";
import type { Answer } from "./answer.ts";
import { createQuery } from "./query.ts";
import type { DataOf, QuestionName, QuestionOf } from "./questions.ts";

const administrator = { role: "admin" } as const;

/**
 * Asks as a caller who may ask everything.
 * @param nowMs the present, read before the call
 * @throws {TypeError} when there is no answer
 */
export async function ask<Name extends QuestionName>(
  store: EventStore,
  question: QuestionOf<Name>,
  nowMs: number,
): Promise<Answer<DataOf<Name>>> {
  const query = createQuery({ store, readLogCheck: async () => null });
  const result = await query.answer(question, administrator, nowMs);
  if (result.ok) return result.value;
  throw new TypeError(`${question.kind}: ${JSON.stringify(result.error)}`);
}

/** @returns the answer to one question about one metric */
export async function askMetric(store: EventStore, query: MetricQuery, nowMs: number): Promise<MetricAnswer> {
  const { data } = await ask(store, { kind: "metric", ...query }, nowMs);
  return data.answer;
}
