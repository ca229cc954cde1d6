import type { MetricAnswer } from "@trinity/aggregation/answer";
import { calendarOf } from "@trinity/aggregation/calendar";
import { type ContentTrend, contentTrends, type VoteCount, type VoteHistory } from "@trinity/aggregation/content-trend";
import type { QueryProblem } from "@trinity/aggregation/plan";
import { previousPeriod } from "@trinity/aggregation/previous-period";
import { type SmoothedDay, smoothedDays, trailingWeeks } from "@trinity/aggregation/trailing-week";
import type { EventStore } from "@trinity/storage/event-store";
import { answerMetrics, type QuestionScope } from "./answer-metrics.ts";
import { freshnessFields, readFreshness } from "./freshness.ts";

export const trendGroupings = ["genre", "contentId"] as const;
export type TrendGrouping = (typeof trendGroupings)[number];

export type ContentTrends = {
  readonly trends: readonly (ContentTrend & { readonly days: readonly (SmoothedDay & { readonly start: string })[] })[];
  /** How many were compared: p-values are adjusted for all of them. */
  readonly total: number;
  /** The period compared with; `null` for a range that lies ahead, of which there is no trend yet. */
  readonly previous: { readonly fromMs: number; readonly toMs: number } | null;
  readonly asOf: string;
  readonly revision: number;
};

/**
 * How what people like and how much they vote changes, by genre or by title, those first that are least likely to have changed by chance.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError}
 */
export async function answerContentTrends(
  store: EventStore,
  scope: QuestionScope,
  { by, limit }: { readonly by: TrendGrouping; readonly limit: number },
  nowMs: number,
): Promise<ContentTrends | QueryProblem> {
  const freshness = await readFreshness(store, nowMs);
  const previous = previousPeriod(scope, freshness.asOfMs);
  if (previous === null) return { trends: [], total: 0, previous, ...freshnessFields(freshness) };
  const positive = { metric: "positive_rate", by: [by] } as const;
  const found = await answerMetrics(store, scope, { now: positive, before: { ...positive, ...previous } }, nowMs);
  if ("message" in found) return found;
  const histories = historiesOf(by, found.answers.now, found.answers.before);
  // Days that lie ahead would look like days without votes.
  const passed = { ...scope, toMs: Math.min(scope.toMs, freshness.asOfMs) };
  const trends = contentTrends(histories, passed.toMs - scope.fromMs, previous.toMs - previous.fromMs).slice(0, limit);
  const days = await smoothedDaysOf(store, passed, { by, keys: trends.map(({ key }) => key) }, nowMs);
  if ("message" in days) return days;
  return {
    trends: trends.map((trend) => ({ ...trend, days: days.get(trend.key) ?? [] })),
    total: histories.length,
    previous,
    asOf: found.asOf,
    revision: found.revision,
  };
}

function historiesOf(by: TrendGrouping, now: MetricAnswer, before: MetricAnswer): readonly VoteHistory[] {
  const [votesNow, votesBefore] = [now, before].map(
    ({ totals }) => new Map(totals.map((total) => [total.by[by] as string, countOf(total)])),
  ) as [Map<string, VoteCount>, Map<string, VoteCount>];
  const none: VoteCount = { likes: 0, votes: 0 };
  return [...new Set([...votesNow.keys(), ...votesBefore.keys()])]
    .map((key) => ({ key, now: votesNow.get(key) ?? none, before: votesBefore.get(key) ?? none }))
    .filter((history) => history.now.votes + history.before.votes > 0);
}

function countOf({ numerator = 0, denominator = 0 }: { readonly numerator?: number; readonly denominator?: number }): VoteCount {
  return { likes: numerator, votes: denominator };
}

/** The smoothed days that the range touches. The days before it, and the whole of its first, are read to smooth those that are shown. */
async function smoothedDaysOf(
  store: EventStore,
  scope: QuestionScope,
  { by, keys }: { readonly by: TrendGrouping; readonly keys: readonly string[] },
  nowMs: number,
): Promise<ReadonlyMap<string, readonly (SmoothedDay & { readonly start: string })[]> | QueryProblem> {
  const calendar = calendarOf(scope.timeZone);
  // One day at a time: each must be there, also where a zone left out a date.
  let fromMs = calendar.startOf("day", scope.fromMs);
  for (let day = 1; day < smoothedDays; day++) fromMs = calendar.startOf("day", fromMs - 1);
  const filters = keys.length === 0 ? scope.filters : [...scope.filters, ...onlyThese(by, keys)];
  const found = await answerMetrics(
    store,
    { ...scope, fromMs, filters },
    { daily: { metric: "positive_rate", by: [by], granularity: "day" } },
    nowMs,
  );
  if ("message" in found) return found;
  return new Map(
    found.answers.daily.series.map(({ by: values, points }) => {
      const smoothed = trailingWeeks(points.map(countOf));
      const shown = points.slice(smoothedDays - 1);
      return [values[by] as string, smoothed.map((day, i) => ({ start: shown[i]?.start as string, ...day }))];
    }),
  );
}

/** Titles are very many, and only some are shown; a genre that is filtered for would leave out no other genre of its titles. */
function onlyThese(by: TrendGrouping, keys: readonly string[]): QuestionScope["filters"] {
  return by === "contentId" ? [{ dimension: by, values: keys, negated: false }] : [];
}
