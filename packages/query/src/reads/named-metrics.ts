import type { MetricAnswer } from "@trinity/aggregation/answer";
import type { QueryProblem } from "@trinity/aggregation/plan";
import { ok, type Result } from "@trinity/runtime/result";
import type { Moment } from "./moment.ts";
import {
  type Asked,
  type MetricFacts,
  type MetricPlan,
  metricAnswers,
  metricQueries,
  planMetrics,
  type QuestionScope,
} from "./read-metrics.ts";

/** Plans of metrics that a kind of question asks for by names of its own, in the order of the names. */
export type NamedPlans<Name extends string> = { readonly names: readonly Name[]; readonly plans: readonly MetricPlan[] };

export function planNamed<Name extends string>(
  scope: QuestionScope,
  asked: Readonly<Record<Name, Asked>>,
  moment: Moment,
): Result<NamedPlans<Name>, QueryProblem> {
  const names = Object.keys(asked) as Name[];
  const plans = planMetrics(
    metricQueries(
      scope,
      names.map((name) => asked[name]),
    ),
    moment,
  );
  return plans.ok ? ok({ names, plans: plans.value }) : plans;
}

/** @param facts what `readMetrics` found for `plans` */
export function namedAnswers<Name extends string>(
  { names, plans }: NamedPlans<Name>,
  facts: MetricFacts,
): Readonly<Record<Name, MetricAnswer>> {
  const answers = metricAnswers(plans, facts);
  return Object.fromEntries(names.map((name, i) => [name, answers[i]])) as Record<Name, MetricAnswer>;
}
