import { totalOf } from "@trinity/aggregation/answer";
import type { MetricValue } from "@trinity/aggregation/metric-value";
import type { PreferenceGrouping } from "@trinity/aggregation/preference-grouping";
import { type Ranked, rankByShrunkenRate } from "@trinity/aggregation/shrunken-rates";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { minuteEnd } from "../reads/minute-end.ts";
import { type NamedPlans, namedAnswers, planNamed } from "../reads/named-metrics.ts";
import { areHeavy, type MetricFacts, type QuestionScope, readMetrics } from "../reads/read-metrics.ts";

/** `by` is null for genres alone. */
export type ContentPreferencesQuestion = { readonly scope: QuestionScope; readonly by: PreferenceGrouping | null };

type Preference = { readonly by: Readonly<Record<string, string>>; readonly positive: MetricValue };
export type ContentPreferences = {
  /** The positive rate of all votes; by genre a vote counts once under each genre of its title. */
  readonly overall: MetricValue;
  /** The highest shrunken rate first. */
  readonly preferences: readonly (Ranked<Preference>["items"][number] & { readonly votes: number })[];
  readonly prior: Ranked<Preference>["prior"];
};

type Plan = NamedPlans<"overall" | "byGenre">;

/** Which genres are liked. */
export const contentPreferences: QuestionKind<ContentPreferencesQuestion, Plan, MetricFacts, ContentPreferences> = {
  permission: "metrics:read",
  isHeavy: ({ plans }) => areHeavy(plans),
  settledAtMs: ({ scope }) => minuteEnd(scope.toMs),
  plan: ({ scope, by }, moment) =>
    planNamed(
      scope,
      { overall: { metric: "positive_rate" }, byGenre: { metric: "positive_rate", by: by === null ? ["genre"] : ["genre", by] } },
      moment,
    ),
  read: ({ plans }, reader) => readMetrics(plans, reader),
  compute(plan, facts) {
    const answers = namedAnswers(plan, facts);
    const { overall, byGenre } = answers;
    const genres = byGenre.totals.map(({ by, ...positive }): Preference => ({ by, positive }));
    const { items, prior } = rankByShrunkenRate(genres, ({ positive: { numerator = 0, denominator = 0 } }) => ({
      successes: numerator,
      trials: denominator,
    }));
    const preferences = items.map((item) => ({ ...item, votes: item.positive.denominator ?? 0 }));
    return ok({ overall: totalOf(overall), preferences, prior });
  },
  overflowCheck: ({ scope, by }) => ({
    scope,
    counts: [{ metric: "positive_rate", by: ["genre"] }],
    by: by === null ? [] : [by],
    checkedRange: scope,
  }),
};
