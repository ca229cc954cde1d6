import type { MetricAnswer } from "@trinity/aggregation/answer";
import { tierMs } from "@trinity/aggregation/bucket";
import { calendarOf } from "@trinity/aggregation/calendar";
import { type ContentTrend, compareVoteHistories, type VoteCount, type VoteHistory } from "@trinity/aggregation/content-trend";
import { previousPeriod } from "@trinity/aggregation/previous-period";
import { type Proportion, proportionOf } from "@trinity/aggregation/proportion";
import { type SmoothedDay, smoothedDays, trailingWeeks } from "@trinity/aggregation/trailing-week";
import { ok, type Result } from "@trinity/runtime/result";
import type { QueryFailure } from "../answer.ts";
import type { QuestionKind } from "../question-kind.ts";
import { minuteEnd } from "../reads/minute-end.ts";
import type { Moment } from "../reads/moment.ts";
import { type NamedPlans, namedAnswers, planNamed } from "../reads/named-metrics.ts";
import { type MetricFacts, type QuestionScope, readMetrics } from "../reads/read-metrics.ts";
import type { Reader } from "../reads/reader.ts";
import { type ShownRange, shownRange } from "../shown-range.ts";

type TrendGrouping = "genre" | "contentId";
export type ContentTrendsQuestion = { readonly scope: QuestionScope; readonly by: TrendGrouping; readonly limit: number };

type Day = SmoothedDay & { readonly start: string };
export type ContentTrends = {
  /** How days are smoothed. */
  readonly smoother: string;
  /** Those first that are least likely to have changed by chance. */
  readonly trends: readonly (Omit<ContentTrend, "key" | "now" | "before"> & {
    readonly by: Readonly<Record<string, string>>;
    readonly positive: Proportion;
    readonly previous: Proportion;
    readonly days: readonly Day[];
  })[];
  /** How many were compared: p-values are adjusted for all of them. */
  readonly total: number;
  /** The period compared with; null for a range that lies ahead, which has no trend yet. */
  readonly previous: ShownRange | null;
};

type Compared = {
  readonly previous: { readonly fromMs: number; readonly toMs: number };
  readonly named: NamedPlans<"now" | "before">;
};
type Plan = { readonly question: ContentTrendsQuestion; readonly compared: Compared | null };
type DailyPlan = NamedPlans<"daily">;
type Found = { readonly trends: readonly ContentTrend[]; readonly total: number };
type DailyFacts = { readonly plan: DailyPlan; readonly metrics: MetricFacts };
/** The trends that are shown, and their days; null where nothing is compared. */
type Facts = Result<Found & { readonly daily: DailyFacts }, QueryFailure> | null;

const smoother = "Seven days that end with the day, pooled: their likes over their votes, and their votes over seven.";

/** How what people like, and how much they vote, changes by genre or by title. */
export const contentTrends: QuestionKind<ContentTrendsQuestion, Plan, Facts, ContentTrends> = {
  permission: "metrics:read",
  // It reads the cells of all titles.
  isHeavy: () => true,
  settledAtMs: ({ scope }) => minuteEnd(scope.toMs),

  plan(question, moment) {
    const { scope, by } = question;
    const previous = previousPeriod(scope, moment.asOfMs);
    if (previous === null) return ok({ question, compared: null });
    const positive = { metric: "positive_rate", by: [by] } as const;
    const named = planNamed(scope, { now: positive, before: { ...positive, ...previous } }, moment);
    return named.ok ? ok({ question, compared: { previous, named: named.value } }) : named;
  },

  async read({ question, compared }, reader) {
    if (compared === null) return { facts: null, source: "rollups" };
    const read = await readMetrics(compared.named.plans, reader);
    if (read === "outdated") return read;
    const found = trendsOf(question, compared, read.facts, reader.moment);
    if (!found.ok) return { ...read, facts: found };
    const daily = await readDays(question, found.value.trends, reader);
    return daily === "outdated" ? daily : { ...read, facts: ok({ ...found.value, daily }) };
  },

  compute({ question, compared }, facts) {
    if (compared === null || facts === null) return ok({ smoother, trends: [], previous: null, total: 0 });
    if (!facts.ok) return facts;
    const days = daysOf(question.by, facts.value.daily);
    if (!days.ok) return days;
    const trends = facts.value.trends.map(({ key, now, before, ...trend }) => ({
      by: { [question.by]: key },
      positive: proportionOf(now.likes, now.votes),
      previous: proportionOf(before.likes, before.votes),
      ...trend,
      days: days.value.get(key) ?? [],
    }));
    return ok({ smoother, trends, previous: shownRange(compared.previous), total: facts.value.total });
  },

  // Titles have no limit.
  overflowCheck: ({ scope, by }) => ({
    scope,
    counts: [{ metric: "positive_rate" }],
    by: by === "genre" ? [by] : [],
    checkedRange: lookedAt(scope),
  }),
};

/** The period before as well: as many months may be some days longer, and a week before a day smooths it. */
function lookedAt({ fromMs, toMs }: QuestionScope): { readonly fromMs: number; readonly toMs: number } {
  const lengthMs = toMs - fromMs;
  return { fromMs: fromMs - lengthMs - Math.ceil(lengthMs / (28 * tierMs.day)) * 3 * tierMs.day - 8 * tierMs.day, toMs };
}

function trendsOf(
  { scope, by, limit }: ContentTrendsQuestion,
  { previous, named }: Compared,
  facts: MetricFacts,
  moment: Moment,
): Result<Found, QueryFailure> {
  const answers = namedAnswers(named, facts);
  const histories = historiesOf(by, answers.now, answers.before);
  const passedMs = Math.min(scope.toMs, moment.asOfMs) - scope.fromMs;
  return ok({
    trends: compareVoteHistories(histories, passedMs, previous.toMs - previous.fromMs).slice(0, limit),
    total: histories.length,
  });
}

function historiesOf(by: TrendGrouping, now: MetricAnswer, before: MetricAnswer): readonly VoteHistory[] {
  const votesBy = ({ totals }: MetricAnswer) => new Map(totals.map((total) => [total.by[by] as string, countOf(total)]));
  const [votesNow, votesBefore] = [votesBy(now), votesBy(before)];
  const none: VoteCount = { likes: 0, votes: 0 };
  return [...new Set([...votesNow.keys(), ...votesBefore.keys()])]
    .map((key) => ({ key, now: votesNow.get(key) ?? none, before: votesBefore.get(key) ?? none }))
    .filter((history) => history.now.votes + history.before.votes > 0);
}

function countOf({ numerator = 0, denominator = 0 }: { readonly numerator?: number; readonly denominator?: number }): VoteCount {
  return { likes: numerator, votes: denominator };
}

/** Reads the days of the trends that are shown, and the days before them that smooth the first. */
async function readDays(
  question: ContentTrendsQuestion,
  trends: readonly ContentTrend[],
  reader: Reader,
): Promise<DailyFacts | "outdated"> {
  const plan = planDays(
    question,
    trends.map(({ key }) => key),
    reader.moment,
  );
  const read = await readMetrics(plan.plans, reader);
  return read === "outdated" ? read : { plan, metrics: read.facts };
}

function planDays({ scope, by }: ContentTrendsQuestion, keys: readonly string[], moment: Moment): DailyPlan {
  const calendar = calendarOf(scope.timeZone);
  // One day at a time: a zone may have left out a date.
  let fromMs = calendar.startOf("day", scope.fromMs);
  for (let day = 1; day < smoothedDays; day++) fromMs = calendar.startOf("day", fromMs - 1);
  const filters = keys.length === 0 ? scope.filters : [...scope.filters, ...onlyThese(by, keys)];
  // Days ahead would look like days without votes.
  const passed = { ...scope, fromMs, toMs: Math.min(scope.toMs, moment.asOfMs), filters };
  const plan = planNamed(passed, { daily: { metric: "positive_rate", by: [by], granularity: "day" } }, moment);
  if (plan.ok) return plan.value;
  throw new TypeError(`${plan.error.path} ${plan.error.message}`);
}

/** Titles are many and few are shown. A filter by genre would leave out the other genres of a title. */
function onlyThese(by: TrendGrouping, keys: readonly string[]): QuestionScope["filters"] {
  return by === "contentId" ? [{ dimension: by, values: keys, negated: false }] : [];
}

function daysOf(by: TrendGrouping, { plan, metrics }: DailyFacts): Result<ReadonlyMap<string, readonly Day[]>, QueryFailure> {
  const answers = namedAnswers(plan, metrics);
  const days = answers.daily.series.map(({ by: values, points }) => {
    const smoothed = trailingWeeks(points.map(countOf));
    const shown = points.slice(smoothedDays - 1);
    return [values[by] as string, smoothed.map((day, i) => ({ start: shown[i]?.start as string, ...day }))] as const;
  });
  return ok(new Map(days));
}
