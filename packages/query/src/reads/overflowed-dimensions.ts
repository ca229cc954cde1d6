import { bucketStart, tierMs } from "@trinity/aggregation/bucket";
import { calendarOf } from "@trinity/aggregation/calendar";
import type { DimensionName } from "@trinity/aggregation/dimension";
import { dimensionsOfMetric } from "@trinity/aggregation/metric";
import { findMetric } from "@trinity/aggregation/metric-catalogue";
import { isLimited, limitedAttributesOf, overflowChecksOf, overflowedOf } from "@trinity/aggregation/overflow";
import { planQuery } from "@trinity/aggregation/plan";
import { accumulateSubQueries } from "./accumulate-sub-queries.ts";
import { readMoment } from "./moment.ts";
import type { Asked, QuestionScope } from "./read-metrics.ts";
import type { Reader } from "./reader.ts";
import { ScanLimitError } from "./scan-limit.ts";
import { overflowedAttributes } from "./users-in-segment.ts";

/** What an answer is counted from, whatever form it has. */
export type CountedQuestion = {
  readonly scope: QuestionScope;
  /** Metrics about the facts that it counts, with the dimensions that it breaks them down by itself. */
  readonly counts: readonly Asked[];
  /** Dimensions that all of them are broken down by. */
  readonly by: readonly DimensionName[];
  /** All that the answer looks at, in Unix milliseconds, `toMs` exclusive: the range of the scope, or more. */
  readonly checkedRange: { readonly fromMs: number; readonly toMs: number };
};

/**
 * The limited dimensions of a question (its filters, breakdown and segment) of which `other` holds facts in the range. Where a question has
 * none, nothing is read. Where the exact check would scan too much, each dimension is checked alone, over whole days of all users: that may
 * name one too many, and fails no question that was answered.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError} when no rollup holds a dimension, and the log is too long
 */
type Sources = Pick<Reader, "store" | "columns" | "signal">;

export async function overflowedDimensions(sources: Sources, question: CountedQuestion, nowMs: number): Promise<readonly string[]> {
  const attributes = limitedAttributesOf(question.scope);
  const ofSegment = attributes.length === 0 ? [] : await overflowedAttributes(sources.store, attributes);
  const found = await overflowedFacts(sources, question, nowMs).catch(async (error: unknown) => {
    if (!(error instanceof ScanLimitError)) throw error;
    const names = await Promise.all(eachAlone(question).map((alone) => overflowedFacts(sources, alone, nowMs)));
    return names.flat();
  });
  return [...new Set([...ofSegment, ...found])].sort();
}

async function overflowedFacts(sources: Sources, question: CountedQuestion, nowMs: number): Promise<readonly string[]> {
  const { segment, toMs, timeZone } = question.scope;
  const queries = question.counts.flatMap((asked) => queryOf(question, asked));
  if (queries.length === 0) return [];
  const { watermark, asOfMs } = await readMoment(sources.store, nowMs);
  const plans = queries.map((query) => planQuery(query, { asOfMs, minutesFromMs: watermark.minutesFromMs }));
  const checks = plans.flatMap((plan) => (plan.ok ? overflowChecksOf(plan.value, watermark) : []));
  const group = {
    subQueries: checks.map(({ subQuery }) => subQuery),
    calendar: calendarOf(timeZone),
    timeZone,
    segment: segment === undefined ? null : { segment, toMs },
    range: question.checkedRange,
  };
  const counted = await accumulateSubQueries(sources, [group], watermark);
  if (counted === "outdated") return overflowedFacts(sources, question, nowMs);
  return overflowedOf(checks, counted.groups[0]?.accumulators ?? []);
}

/** @returns questions that rollups of one dimension answer */
function eachAlone({ scope: { segment: _, ...scope }, checkedRange, ...question }: CountedQuestion): readonly CountedQuestion[] {
  const days = { fromMs: bucketStart("day", checkedRange.fromMs), toMs: bucketStart("day", checkedRange.toMs - 1) + tierMs.day };
  return [[], ...scope.filters.map((filter) => [filter])].map((filters) => ({
    ...question,
    scope: { ...scope, filters },
    checkedRange: days,
  }));
}

/** @returns the question about a metric, by those of the dimensions that its facts have; none where no limited one is left */
function queryOf({ scope, by, checkedRange }: CountedQuestion, asked: Asked) {
  const metric = findMetric(asked.metric);
  if (metric === undefined) return [];
  const known = dimensionsOfMetric(metric);
  const filters = (asked.filters ?? scope.filters).filter(({ dimension }) => known.includes(dimension));
  const dimensions = [...new Set([...(asked.by ?? []), ...by])].filter((name) => known.includes(name));
  if (![...dimensions, ...filters.map(({ dimension }) => dimension)].some(isLimited)) return [];
  return [
    { statistic: "mean", windowDays: 1, ...scope, ...asked, ...checkedRange, by: dimensions, filters, granularity: "total" } as const,
  ];
}
