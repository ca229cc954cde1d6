import { type MetricAnswer, totalOf } from "@trinity/aggregation/answer";
import { valuesOf } from "@trinity/aggregation/dimension";
import type { TitleDimensions } from "@trinity/aggregation/event-dimensions";
import type { MetricValue } from "@trinity/aggregation/metric-value";
import { type ProportionDifference, proportionDifference } from "@trinity/aggregation/statistics/two-proportions";
import { rankTitles, type TitleNumbers, type TitleRanking, type TitleSort } from "@trinity/aggregation/title-ranking";
import { ok, type Result } from "@trinity/runtime/result";
import type { QueryFailure } from "../answer.ts";
import type { QuestionKind } from "../question-kind.ts";
import { minuteEnd } from "../reads/minute-end.ts";
import { type NamedPlans, namedAnswers, planNamed } from "../reads/named-metrics.ts";
import { type Asked, type MetricFacts, type QuestionScope, readMetrics } from "../reads/read-metrics.ts";

/** The filters of `scope` choose votes by what titles are. Views, matches and matching power of a title are all there are in the range. */
export type ContentPerformanceQuestion = { readonly scope: QuestionScope; readonly sort: TitleSort; readonly limit: number };

/** Titles that were voted on, ranked, and how recommended titles do beside others. */
export type ContentPerformance = Omit<TitleRanking, "titles"> & {
  readonly titles: readonly (TitleRanking["titles"][number] & {
    readonly genres: readonly string[];
    readonly mediaType: string;
    readonly releaseDecade: string;
    readonly votes: number;
    readonly likes: number;
  })[];
  readonly recommendations: {
    /** The metric `recommendation_acceptance`. */
    readonly acceptance: MetricValue;
    /** The positive rate of votes on titles that no recommender proposed. */
    readonly others: MetricValue;
    /** Acceptance less the others; null where either has no vote. */
    readonly difference: ProportionDifference | null;
  };
};

type Name = "titles" | "acceptance" | "recommended" | "views" | "matches" | "power";
type Plan = { readonly question: ContentPerformanceQuestion; readonly named: NamedPlans<Name> };
type Answers = Readonly<Record<Name, MetricAnswer>>;
/** The titles of the page, and the numbers that they are ranked by. */
type RankedPage = TitleRanking & { readonly answers: Answers };
type Facts = {
  readonly ranked: Result<RankedPage, QueryFailure>;
  /** Dimensions of the titles of the page, by id, as the first event that had their genres described them. */
  readonly described: ReadonlyMap<string, TitleDimensions>;
};

export const contentPerformance: QuestionKind<ContentPerformanceQuestion, Plan, Facts, ContentPerformance> = {
  permission: "metrics:read",
  // It reads the cells of all titles.
  isHeavy: () => true,
  settledAtMs: ({ scope }) => minuteEnd(scope.toMs),

  plan(question, moment) {
    const named = planNamed(question.scope, askedOf(question.scope), moment);
    return named.ok ? ok({ question, named: named.value }) : named;
  },

  async read(plan, reader) {
    const read = await readMetrics(plan.named.plans, reader);
    if (read === "outdated") return read;
    const ranked = rankedPage(plan, read.facts);
    const refs = ranked.ok ? ranked.value.titles.map(({ contentId }) => ({ kind: "title" as const, key: contentId })) : [];
    const { title } = await reader.store.readEntities({ refs, inferredSessions: [] });
    const described = new Map([...title].map(([contentId, { dimensions }]) => [contentId, dimensions]));
    return { ...read, facts: { ranked, described } };
  },

  compute(_plan, { ranked, described }) {
    if (!ranked.ok) return ranked;
    const { titles, answers, ...rest } = ranked.value;
    return ok({
      titles: titles.map((title) => showTitle(title, described.get(title.contentId) ?? {})),
      ...rest,
      recommendations: acceptanceBeside(answers.acceptance, answers.recommended),
    });
  },

  overflowCheck: ({ scope }) => ({
    scope,
    counts: [{ metric: "positive_rate" }, { metric: "recommendation_acceptance" }],
    by: [],
    checkedRange: scope,
  }),
};

function askedOf({ filters }: QuestionScope): Readonly<Record<Name, Asked>> {
  // No other title is shown, so the cells of others are not read.
  const byTitle = filters.filter(({ dimension, negated }) => dimension === "contentId" && !negated);
  const ofEachTitle = { by: ["contentId"], filters: byTitle } as const;
  return {
    titles: { metric: "positive_rate", by: ["contentId"] },
    acceptance: { metric: "recommendation_acceptance" },
    recommended: { metric: "positive_rate", by: ["recommended"] },
    views: { metric: "content_views", ...ofEachTitle },
    matches: { metric: "matches", ...ofEachTitle },
    power: { metric: "matching_power", ...ofEachTitle },
  };
}

function rankedPage({ question: { sort, limit }, named }: Plan, facts: MetricFacts): Facts["ranked"] {
  const answers = namedAnswers(named, facts);
  return ok({ ...rankTitles(numbersOf(answers), sort, limit), answers });
}

function numbersOf(answers: Answers): readonly TitleNumbers[] {
  const views = totalsBy(answers.views, "contentId");
  const matches = totalsBy(answers.matches, "contentId");
  const power = totalsBy(answers.power, "contentId");
  return [...totalsBy(answers.titles, "contentId")].map(([contentId, positive]) => ({
    contentId,
    positive,
    views: views.get(contentId)?.value ?? 0,
    matches: matches.get(contentId)?.value ?? 0,
    matchingPower: power.get(contentId) ?? emptyRate,
  }));
}

function showTitle(
  { contentId, ...title }: TitleRanking["titles"][number],
  dimensions: TitleDimensions,
): ContentPerformance["titles"][number] {
  return {
    contentId,
    genres: [...valuesOf(dimensions, "genre")],
    mediaType: valuesOf(dimensions, "mediaType")[0] as string,
    releaseDecade: valuesOf(dimensions, "releaseDecade")[0] as string,
    votes: title.positive.denominator ?? 0,
    likes: title.positive.numerator ?? 0,
    ...title,
  };
}

function acceptanceBeside(answer: MetricAnswer, byRecommended: MetricAnswer): ContentPerformance["recommendations"] {
  const acceptance = totalOf(answer);
  const others = totalsBy(byRecommended, "recommended").get("false") ?? emptyRate;
  const counts = ({ numerator = 0, denominator = 0 }: MetricValue) => ({ successes: numerator, trials: denominator });
  return { acceptance, others, difference: proportionDifference(counts(acceptance), counts(others)) };
}

const emptyRate: MetricValue = { value: null, numerator: 0, denominator: 0, interval: null };

function totalsBy({ totals }: MetricAnswer, dimension: "contentId" | "recommended"): ReadonlyMap<string, MetricValue> {
  return new Map(totals.map(({ by, ...total }) => [by[dimension] as string, total]));
}
