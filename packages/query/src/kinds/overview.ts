import type { MetricAnswer, Point } from "@trinity/aggregation/answer";
import type { MetricValue } from "@trinity/aggregation/metric-value";
import type { QueryProblem } from "@trinity/aggregation/plan";
import { previousPeriod } from "@trinity/aggregation/previous-period";
import { ok, type Result } from "@trinity/runtime/result";
import type { QueryFailure } from "../answer.ts";
import type { QuestionKind } from "../question-kind.ts";
import { minuteEnd } from "../reads/minute-end.ts";
import type { Moment } from "../reads/moment.ts";
import { type NamedPlans, namedAnswers, planNamed } from "../reads/named-metrics.ts";
import { type Asked, areHeavy, type MetricFacts, type QuestionScope, readMetrics } from "../reads/read-metrics.ts";
import { type ShownRange, shownRange } from "../shown-range.ts";

export type OverviewQuestion = {
  readonly scope: QuestionScope;
  /** The numbers by name, in the order in which they are shown. */
  readonly numbers: Readonly<Record<string, Asked>>;
};

type Totals = readonly (MetricValue & { readonly by: Readonly<Record<string, string>> })[];

/** Named numbers about a range, each beside its value in the period before. */
export type Overview = ShownRange & {
  readonly metrics: readonly {
    readonly name: string;
    readonly metric: string;
    readonly unit: string;
    readonly totals: Totals;
    readonly previous: Totals | null;
    /** Where the number is followed over the range. */
    readonly series?: readonly { readonly by: Readonly<Record<string, string>>; readonly points: readonly Point[] }[];
    readonly formula?: string;
  }[];
  /** The period just before; null for a range that lies ahead. */
  readonly previous: ShownRange | null;
};

export type OverviewPlan = {
  readonly scope: QuestionScope;
  readonly numbers: Readonly<Record<string, Asked>>;
  readonly now: NamedPlans<string>;
  readonly previous: { readonly fromMs: number; readonly toMs: number; readonly plans: NamedPlans<string> } | null;
};

export function planOverview({ scope, numbers }: OverviewQuestion, moment: Moment): Result<OverviewPlan, QueryProblem> {
  const now = planNamed(scope, numbers, moment);
  if (!now.ok) return now;
  const period = previousPeriod(scope, moment.asOfMs);
  if (period === null) return ok({ scope, numbers, now: now.value, previous: null });
  const plans = planNamed({ ...scope, ...period }, totalsOf(numbers), moment);
  return plans.ok ? ok({ scope, numbers, now: now.value, previous: { ...period, plans: plans.value } }) : plans;
}

/**
 * The period before is shown as one number: its days are not followed. Those of a breakdown stay, because the windows of days may have groups that
 * the total has not.
 */
function totalsOf(numbers: OverviewQuestion["numbers"]): OverviewQuestion["numbers"] {
  const totalOf = (asked: Asked): Asked => ((asked.by ?? []).length === 0 ? { ...asked, granularity: "total" } : asked);
  return Object.fromEntries(Object.entries(numbers).map(([name, asked]) => [name, totalOf(asked)]));
}

/** @returns what must be counted for both periods, those of the range first */
export function plansOf({ now, previous }: OverviewPlan): NamedPlans<string>["plans"] {
  return [...now.plans, ...(previous?.plans.plans ?? [])];
}

/** @param facts what `readMetrics` found for `plansOf` */
export function overviewOf(plan: OverviewPlan, facts: MetricFacts): Result<Overview, QueryFailure> {
  const { scope, numbers, now, previous } = plan;
  const metrics = namedAnswers(now, facts);
  const before = previous === null ? null : namedAnswers(previous.plans, facts.slice(now.plans.length));
  return ok({
    ...shownRange(scope),
    metrics: now.names.map((name) =>
      shownNumber(name, numbers[name] as Asked, metrics[name] as MetricAnswer, before?.[name]?.totals ?? null),
    ),
    previous: previous === null ? null : shownRange(previous),
  });
}

function shownNumber(
  name: string,
  { granularity = "total" }: Asked,
  { metric, unit, totals, series, formula }: MetricAnswer,
  previous: Totals | null,
): Overview["metrics"][number] {
  return {
    name,
    metric,
    unit,
    totals,
    previous,
    ...(granularity === "total" ? {} : { series }),
    ...(formula === undefined ? {} : { formula }),
  };
}

export const overview: QuestionKind<OverviewQuestion, OverviewPlan, MetricFacts, Overview> = {
  permission: "metrics:read",
  isHeavy: (plan) => areHeavy(plansOf(plan)),
  settledAtMs: ({ scope, numbers }) => minuteEnd(Math.max(scope.toMs, ...Object.values(numbers).map(({ toMs = scope.toMs }) => toMs))),
  overflowCheck: null,
  plan: planOverview,
  read: (plan, reader) => readMetrics(plansOf(plan), reader),
  compute: overviewOf,
};
