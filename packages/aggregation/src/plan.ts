import { type Tier, tierMs, tiersCoarsestFirst } from "./bucket.ts";
import { type Calendar, calendarOf } from "./calendar.ts";
import { clockDimensions, type DimensionName, multiValued } from "./dimension.ts";
import type { DimensionSet } from "./measure.ts";
import { dimensionsOfMetric, type Metric } from "./metric.ts";
import { findMetric } from "./metric-catalogue.ts";
import type { MetricQuery } from "./metric-query.ts";

/** A bucket of the answer, and what it counts: `[countFromMs, countToMs)`, which for a rolling window begins before the bucket. */
export type AnswerBucket = {
  readonly startMs: number;
  readonly endMs: number;
  readonly countFromMs: number;
  readonly countToMs: number;
};

/** A stretch of time to be read from one tier. */
export type Segment = { readonly tier: Tier; readonly fromMs: number; readonly toMs: number };

export type RollupSource = {
  readonly kind: "rollups";
  readonly set: DimensionSet;
  readonly segments: readonly Segment[];
  /** The only values that matter, where the question names them. */
  readonly values?: readonly string[];
};

export type Plan = {
  readonly metric: Metric;
  readonly query: MetricQuery;
  readonly calendar: Calendar;
  readonly buckets: readonly AnswerBucket[];
  /** The bucket that the totals count. */
  readonly total: AnswerBucket;
  /** Every instant at which a bucket begins or ends to count, ascending: between two of them all facts count in the same buckets. */
  readonly edges: readonly number[];
  /** Where the numbers come from: cells of one dimension set, or the log where no set and tier covers the question. */
  readonly source: RollupSource | { readonly kind: "log" };
};

/** What is wrong with a question; asking it again does not help. */
export type QueryProblem = { readonly path: string; readonly message: string };

/** What a plan depends on beside the question. */
export type Horizon = {
  /** Up to here everything that was acknowledged is in the cells. */
  readonly asOfMs: number;
  /** Cells by the minute are kept from here on. */
  readonly minutesFromMs: number;
};

const bucketsMax = 20_000;

/** Chooses how to answer a question: from the smallest dimension set and the coarsest tiers that give it exactly, or else from the log. */
export function planQuery(query: MetricQuery, horizon: Horizon): Plan | QueryProblem {
  const metric = findMetric(query.metric);
  if (metric === undefined) return { path: "metric", message: "is not in the catalogue" };
  const problem = problemOf(query, metric);
  if (problem !== null) return problem;
  const calendar = calendarOf(query.timeZone);
  const presentMs = metric.settlesAhead ? Math.floor(horizon.asOfMs / tierMs.minute) * tierMs.minute : Number.POSITIVE_INFINITY;
  const buckets = answerBuckets(query, metric, calendar, presentMs);
  if (buckets === null)
    return { path: "granularity", message: `makes more than ${bucketsMax} buckets of this range: ask for a coarser one` };
  const total = windowed({ startMs: query.fromMs, endMs: query.toMs }, query, metric, calendar, presentMs);
  const edges = edgesOf([...buckets, total]);
  return { metric, query, calendar, buckets, total, edges, source: sourceOf(query, metric, calendar, edges, horizon) };
}

export function isProblem(plan: Plan | QueryProblem): plan is QueryProblem {
  return "message" in plan;
}

function problemOf(query: MetricQuery, metric: Metric): QueryProblem | null {
  if (!(query.fromMs < query.toMs)) return { path: "to", message: "must be after from" };
  const known = dimensionsOfMetric(metric);
  const strange = [...query.by, ...query.filters.map(({ dimension }) => dimension)].find((name) => !known.includes(name));
  if (strange !== undefined)
    return { path: query.by.includes(strange) ? "by" : "filter", message: `${metric.name} has no dimension ${strange}` };
  if (new Set(query.by).size < query.by.length || query.by.length > 2)
    return { path: "by", message: "takes up to two different dimensions" };
  return null;
}

function answerBuckets(query: MetricQuery, metric: Metric, calendar: Calendar, presentMs: number): readonly AnswerBucket[] | null {
  const { granularity, fromMs, toMs } = query;
  if (granularity === "total") return [windowed({ startMs: fromMs, endMs: toMs }, query, metric, calendar, presentMs)];
  const buckets: AnswerBucket[] = [];
  for (let startMs = calendar.startOf(granularity, fromMs); startMs < toMs; ) {
    if (buckets.length === bucketsMax) return null;
    const endMs = calendar.next(granularity, startMs);
    buckets.push(windowed({ startMs, endMs }, query, metric, calendar, presentMs));
    startMs = endMs;
  }
  return buckets;
}

// A rolling window looks back beyond the range that was asked for; everything else stays inside it.
function windowed(
  bucket: { startMs: number; endMs: number },
  query: MetricQuery,
  metric: Metric,
  calendar: Calendar,
  presentMs: number,
): AnswerBucket {
  const countToMs = Math.min(bucket.endMs, query.toMs, presentMs);
  const rolling = metric.reading.kind === "distinct" && query.windowDays > 1;
  const countFromMs = rolling ? calendar.addDays(bucket.endMs, -query.windowDays) : Math.max(bucket.startMs, query.fromMs);
  return { ...bucket, countFromMs, countToMs: Math.max(countFromMs, countToMs) };
}

function edgesOf(buckets: readonly AnswerBucket[]): readonly number[] {
  const edges = new Set(buckets.flatMap(({ countFromMs, countToMs }) => [countFromMs, countToMs]));
  return [...edges].sort((a, b) => a - b);
}

function sourceOf(
  query: MetricQuery,
  metric: Metric,
  calendar: Calendar,
  edges: readonly number[],
  { minutesFromMs }: Horizon,
): Plan["source"] {
  const coarsest = coarsestTierOf(query, calendar, edges);
  for (const set of setsCovering(query, metric)) {
    const tiers = set.tiers.filter((tier) => tierMs[tier] <= tierMs[coarsest]);
    const segments = segmentsBetween(edges, tiers, minutesFromMs);
    if (segments !== null) return { kind: "rollups", set, segments, ...valuesAsked(query, set) };
  }
  return { kind: "log" };
}

// The clock is read off the start of a cell: a day of UTC has no one hour and, in another zone, not even one weekday; where clocks are
// off by a part of an hour, nor has an hour of UTC.
function coarsestTierOf({ by, filters, timeZone }: MetricQuery, calendar: Calendar, edges: readonly number[]): Tier {
  const clocked = [...by, ...filters.map(({ dimension }) => dimension)].filter((name) => clockDimensions.has(name));
  if (clocked.length === 0 || (timeZone === "UTC" && !clocked.includes("hourOfDay"))) return "day";
  return calendar.hasWholeHours(edges[0] as number, edges.at(-1) as number) ? "hour" : "minute";
}

// A set of one dimension that is filtered for some of its values: only their cells need be read.
function valuesAsked({ filters }: MetricQuery, { dimensions }: DimensionSet): { values?: readonly string[] } {
  const filter = filters.find(({ dimension, negated }) => dimensions.length === 1 && dimension === dimensions[0] && !negated);
  return filter === undefined ? {} : { values: filter.values };
}

/** @returns the sets from which the question can be answered exactly, those with the fewest dimensions first */
function setsCovering(query: MetricQuery, metric: Metric): readonly DimensionSet[] {
  const asked = new Set([...query.by, ...query.filters.map(({ dimension }) => dimension)].filter((name) => !clockDimensions.has(name)));
  // A fact under several values of a dimension would be counted several times, or not be recognised as one that was filtered out.
  const onMany = query.filters.filter(({ dimension }) => multiValued.has(dimension));
  const isAmbiguous = onMany.some(({ dimension, values, negated }) => negated || values.length > 1 || query.by.includes(dimension));
  if (isAmbiguous || onMany.length > 1) return [];
  const spare = (name: DimensionName) => asked.has(name) || !multiValued.has(name);
  return metric.measure.sets
    .filter((set) => [...asked].every((name) => set.dimensions.includes(name)) && set.dimensions.every(spare))
    .toSorted((a, b) => a.dimensions.length - b.dimensions.length);
}

/** @returns the fewest stretches of whole buckets that lie between the edges, or `null` where the tiers are too coarse */
function segmentsBetween(edges: readonly number[], tiers: readonly Tier[], minutesFromMs: number): readonly Segment[] | null {
  const segments: Segment[] = [];
  for (let i = 1; i < edges.length; i++) {
    const toMs = edges[i] as number;
    for (let fromMs = edges[i - 1] as number; fromMs < toMs; ) {
      const segment = longestFrom(fromMs, toMs, tiers, minutesFromMs);
      if (segment === null) return null;
      const last = segments.at(-1);
      if (last !== undefined && last.tier === segment.tier && last.toMs === fromMs)
        segments[segments.length - 1] = { ...last, toMs: segment.toMs };
      else segments.push(segment);
      fromMs = segment.toMs;
    }
  }
  return segments;
}

/** The coarsest bucket that fits at `fromMs`, and its successors up to where a still coarser one fits. */
function longestFrom(fromMs: number, toMs: number, tiers: readonly Tier[], minutesFromMs: number): Segment | null {
  let boundMs = toMs;
  for (const tier of tiersCoarsestFirst) {
    if (!tiers.includes(tier)) continue;
    const size = tierMs[tier];
    const kept = tier !== "minute" || fromMs >= minutesFromMs;
    if (fromMs % size === 0 && fromMs + size <= boundMs && kept)
      return { tier, fromMs, toMs: fromMs + Math.floor((boundMs - fromMs) / size) * size };
    // A coarser bucket may fit from its next start on: finer ones only lead up to it.
    const nextMs = Math.ceil(fromMs / size) * size;
    if (nextMs > fromMs && nextMs + size <= toMs) boundMs = Math.min(boundMs, nextMs);
  }
  return null;
}
