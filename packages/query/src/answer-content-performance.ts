import { type MetricAnswer, totalOf } from "@trinity/aggregation/answer";
import type { TitleDimensions } from "@trinity/aggregation/event-dimensions";
import type { MetricValue } from "@trinity/aggregation/metric-value";
import type { QueryProblem } from "@trinity/aggregation/plan";
import { type ProportionDifference, proportionDifference } from "@trinity/aggregation/statistics/two-proportions";
import { rankTitles, type TitleNumbers, type TitleRanking, type TitleSort } from "@trinity/aggregation/title-ranking";
import type { EventStore } from "@trinity/storage/event-store";
import { answerMetrics, type QuestionScope } from "./answer-metrics.ts";

export type ContentPerformance = TitleRanking & {
  /** Dimensions of the titles that are listed, by id, as the first event that told their genres described them. */
  readonly described: ReadonlyMap<string, TitleDimensions>;
  readonly recommendations: {
    /** The metric `recommendation_acceptance`. */
    readonly acceptance: MetricValue;
    /** The positive rate of votes that are said to be on titles which no recommender proposed. */
    readonly others: MetricValue;
    /** Acceptance less the others; `null` where either has no vote. */
    readonly difference: ProportionDifference | null;
  };
  readonly asOf: string;
  readonly revision: number;
};

/**
 * Titles that were voted on, ranked, and how recommended titles do beside others.
 * @param scope its filters choose votes by what titles are; views, matches and matching power of a chosen title are all there are in the range
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError}
 */
export async function answerContentPerformance(
  store: EventStore,
  scope: QuestionScope,
  { sort, limit }: { readonly sort: TitleSort; readonly limit: number },
  nowMs: number,
): Promise<ContentPerformance | QueryProblem> {
  const ofEachTitle = { by: ["contentId"], filters: [] } as const;
  const found = await answerMetrics(
    store,
    scope,
    {
      titles: { metric: "positive_rate", by: ["contentId"] },
      acceptance: { metric: "recommendation_acceptance" },
      recommended: { metric: "positive_rate", by: ["recommended"] },
      views: { metric: "content_views", ...ofEachTitle },
      matches: { metric: "matches", ...ofEachTitle },
      power: { metric: "matching_power", ...ofEachTitle },
    },
    nowMs,
  );
  if ("message" in found) return found;
  const { titles, acceptance, recommended, ...rest } = found.answers;
  const ranking = rankTitles(numbersOf(titles, rest), sort, limit);
  return {
    ...ranking,
    described: await describe(store, ranking),
    recommendations: acceptanceBeside(acceptance, recommended),
    asOf: found.asOf,
    revision: found.revision,
  };
}

function numbersOf(titles: MetricAnswer, rest: Readonly<Record<"views" | "matches" | "power", MetricAnswer>>): readonly TitleNumbers[] {
  const views = totalsBy(rest.views, "contentId");
  const matches = totalsBy(rest.matches, "contentId");
  const power = totalsBy(rest.power, "contentId");
  return [...totalsBy(titles, "contentId")].map(([contentId, positive]) => ({
    contentId,
    positive,
    views: views.get(contentId)?.value ?? 0,
    matches: matches.get(contentId)?.value ?? 0,
    matchingPower: power.get(contentId) ?? emptyRate,
  }));
}

async function describe(store: EventStore, { titles }: TitleRanking): Promise<ContentPerformance["described"]> {
  const refs = titles.map(({ contentId }) => ({ kind: "title" as const, key: contentId }));
  const { title } = await store.readEntities({ refs, inferredSessions: [] });
  return new Map([...title].map(([contentId, { dimensions }]) => [contentId, dimensions]));
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
