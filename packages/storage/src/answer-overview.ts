import type { MetricAnswer } from "@trinity/aggregation/answer";
import type { QueryProblem } from "@trinity/aggregation/plan";
import { previousPeriod } from "@trinity/aggregation/previous-period";
import { type Asked, answerMetrics, type QuestionScope } from "./answer-metrics.ts";
import type { EventStore } from "./event-store.ts";
import { readPresent } from "./present.ts";

type Answers<Name extends string> = Readonly<Record<Name, MetricAnswer>>;

/** Named numbers about a range, each beside its value in the period before. */
export type Overview<Name extends string> = {
  readonly metrics: Answers<Name>;
  /** The period just before; `null` for a range that lies ahead. */
  readonly previous: { readonly fromMs: number; readonly toMs: number; readonly metrics: Answers<Name> } | null;
  readonly asOf: string;
  readonly revision: number;
};

/**
 * Answers named questions about a range and about the period before it, all as of one moment.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError}
 */
export async function answerOverview<Name extends string>(
  store: EventStore,
  scope: QuestionScope,
  asked: Readonly<Record<Name, Asked>>,
  nowMs: number,
): Promise<Overview<Name> | QueryProblem> {
  const names = Object.keys(asked) as Name[];
  const period = previousPeriod(scope, (await readPresent(store, nowMs)).asOfMs);
  const before = period === null ? [] : names.map((name) => [previously + name, { ...asked[name], ...period }] as const);
  const found = await answerMetrics<string>(store, scope, { ...asked, ...Object.fromEntries(before) }, nowMs);
  if ("message" in found) return found;
  const metricsOf = (prefix: string) => Object.fromEntries(names.map((name) => [name, found.answers[prefix + name]])) as Answers<Name>;
  return {
    metrics: metricsOf(""),
    previous: period === null ? null : { ...period, metrics: metricsOf(previously) },
    asOf: found.asOf,
    revision: found.revision,
  };
}

/** Told apart by their names from the questions about the range itself. */
const previously = "previous:";
