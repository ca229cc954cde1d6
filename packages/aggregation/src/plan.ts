import { failed, ok, type Result } from "@trinity/runtime/result";
import { type Tier, tierMs, tiersCoarsestFirst } from "./bucket.ts";
import { type Calendar, calendarOf } from "./calendar.ts";
import { type CellDimension, clockDimensions, multiValued } from "./dimension.ts";
import { type DimensionSet, isReadByTime } from "./measure.ts";
import { dimensionsOfMetric, type Metric, measuresOfMetric } from "./metric.ts";
import { findMetric } from "./metric-catalogue.ts";
import type { MetricQuery } from "./metric-query.ts";
import type { AnswerBucket, PlannedQuery } from "./resolved-query.ts";
import { windowStart } from "./rolling-window.ts";
import { type RollupSource, readsLog, type SubQuery, type SubQueryPlan, shortLogMs, type TierRange } from "./sub-query.ts";
import { joinTimeRanges, lengthOf, type TimeRange } from "./time-range.ts";

export type Plan = PlannedQuery & {
  readonly metric: Metric;
  /** `log` if any sub-query reads events or entities, be it for a part of its range. */
  readonly source: "rollups" | "log";
};

/** Why a query is invalid. The same query always fails. */
export type QueryProblem = { readonly path: string; readonly message: string };

/** What a plan depends on besides the query. */
export type DataBounds = {
  /** Up to here everything that was acknowledged is in the cells. */
  readonly asOfMs: number;
  /** Cells by the minute are kept from here on. */
  readonly minutesFromMs: number;
};

const bucketsMax = 20_000;

/** Plans a query: the smallest dimension sets and the coarsest tiers that give it exactly, and the log for what they do not give. */
export function planQuery(query: MetricQuery, dataBounds: DataBounds): Result<Plan, QueryProblem> {
  const metric = findMetric(query.metric);
  if (metric === undefined) return failed({ path: "metric", message: "is not in the catalogue" });
  const problem = problemOf(query, metric);
  if (problem !== null) return failed(problem);
  const calendar = calendarOf(query.timeZone);
  const { asOfMs } = dataBounds;
  const knownUntilMs = metric.isProvisional ? Math.floor(asOfMs / tierMs.minute) * tierMs.minute : Number.POSITIVE_INFINITY;
  const rolling = metric.calculation.parameter === "windowDays" && query.windowDays > 1;
  // A rolling window begins before its bucket, and possibly before the range; everything else stays inside both.
  const counted = (bucket: { readonly startMs: number; readonly endMs: number }): AnswerBucket => {
    const countToMs = Math.min(bucket.endMs, query.toMs, knownUntilMs);
    const countFromMs = rolling ? windowStart(countToMs, query.windowDays, calendar, asOfMs) : Math.max(bucket.startMs, query.fromMs);
    return { ...bucket, countFromMs, countToMs: Math.max(countFromMs, countToMs) };
  };
  const buckets = answerBuckets(query, calendar)?.map(counted);
  if (buckets === undefined)
    return failed({ path: "granularity", message: `makes more than ${bucketsMax} buckets of this range: ask for a coarser one` });
  const total = counted({ startMs: query.fromMs, endMs: query.toMs });
  const resolved = { query, calendar, asOfMs, buckets, total };
  const subQueries = metric.calculation.subQueries(resolved).map((subQuery) => planSubQuery(subQuery, query, calendar, dataBounds));
  return ok({ metric, ...resolved, subQueries, source: subQueries.some(readsLog) ? "log" : "rollups" });
}

/** Chooses where a sub-query is read from. */
export function planSubQuery(
  request: SubQuery,
  query: Pick<MetricQuery, "timeZone" | "segment">,
  calendar: Calendar,
  dataBounds: Pick<DataBounds, "minutesFromMs">,
): SubQueryPlan {
  const boundaries = boundariesOf(request);
  // Only cells of distinct users store users, so sums for a segment must be read from the log.
  const isSummed = query.segment !== undefined && request.reads === "amounts";
  const source = isSummed ? ({ kind: "log" } as const) : sourceOf(request, query.timeZone, calendar, boundaries, dataBounds);
  return { ...request, boundaries, source };
}

function problemOf(query: MetricQuery, metric: Metric): QueryProblem | null {
  if (!(query.fromMs < query.toMs)) return { path: "to", message: "must be after from" };
  const known = dimensionsOfMetric(metric);
  const unknown = [...query.by, ...query.filters.map(({ dimension }) => dimension)].find((name) => !known.includes(name));
  if (unknown !== undefined)
    return { path: query.by.includes(unknown) ? "by" : "filter", message: `${metric.name} has no dimension ${unknown}` };
  if (new Set(query.by).size < query.by.length || query.by.length > 2)
    return { path: "by", message: "takes up to two different dimensions" };
  if (query.segment !== undefined && measuresOfMetric(metric).some(({ perUser }) => !perUser))
    return { path: "segment", message: `${metric.name} is not about users` };
  if (metric.calculation.finestGranularity === "day" && (query.granularity === "minute" || query.granularity === "hour"))
    return { path: "granularity", message: `${metric.name} is read day by day: ask for days or longer` };
  return null;
}

function answerBuckets(
  { granularity, fromMs, toMs }: MetricQuery,
  calendar: Calendar,
): readonly { readonly startMs: number; readonly endMs: number }[] | null {
  if (granularity === "total") return [{ startMs: fromMs, endMs: toMs }];
  const buckets: { startMs: number; endMs: number }[] = [];
  for (let startMs = calendar.startOf(granularity, fromMs); startMs < toMs; ) {
    if (buckets.length === bucketsMax) return null;
    const endMs = calendar.next(granularity, startMs);
    buckets.push({ startMs, endMs });
    startMs = endMs;
  }
  return buckets;
}

// Empty windows are skipped. If all are empty we keep one boundary, which covers nothing.
function boundariesOf({ windows, total }: SubQuery): readonly number[] {
  const read = [...windows, total].filter(({ countFromMs, countToMs }) => countFromMs < countToMs);
  const boundaries = new Set(
    read.length === 0 ? [total.countFromMs] : read.flatMap(({ countFromMs, countToMs }) => [countFromMs, countToMs]),
  );
  return [...boundaries].sort((a, b) => a - b);
}

function sourceOf(
  request: SubQuery,
  timeZone: string,
  calendar: Calendar,
  boundaries: readonly number[],
  { minutesFromMs }: Pick<DataBounds, "minutesFromMs">,
): SubQueryPlan["source"] {
  const coarsest = coarsestTierOf(request, timeZone, calendar, boundaries);
  let best: (Coverage & { readonly set: DimensionSet }) | null = null;
  for (const set of setsCovering(request)) {
    const tiers = set.tiers.filter((tier) => tierMs[tier] <= tierMs[coarsest]);
    const coverage = coverageOf(boundaries, tiers, minutesFromMs);
    if (best === null || coverage.gapsMs < best.gapsMs) best = { set, ...coverage };
    if (best.gapsMs === 0) break;
  }
  if (best === null) return { kind: "log" };
  const { set, ranges, gaps, gapsMs } = best;
  const { origin } = request.measure;
  // The entities of short gaps are found by their events. For longer ones all are read, which costs as much as counting all of them.
  const gapsPay = ranges.length > 0 && (isReadByTime(origin) || gapsMs <= shortLogMs);
  return gaps.length === 0 || gapsPay ? { kind: "rollups", set, ranges, gaps, ...valuesAsked(request, set) } : { kind: "log" };
}

// Hour and weekday are those of the start of a cell. A UTC day has several hours and, in another zone, two weekdays. In a zone with an
// offset of a fraction of an hour, a UTC hour has two hours.
function coarsestTierOf({ by, filters }: SubQuery, timeZone: string, calendar: Calendar, boundaries: readonly number[]): Tier {
  const clocked = [...by, ...filters.map(({ dimension }) => dimension)].filter((name) => clockDimensions.has(name));
  if (clocked.length === 0 || (timeZone === "UTC" && !clocked.includes("hourOfDay"))) return "day";
  return calendar.hasWholeHours(boundaries[0] as number, boundaries.at(-1) as number) ? "hour" : "minute";
}

// With a filter on the only dimension of the set, only the cells of its values are read.
function valuesAsked({ filters }: SubQuery, { dimensions }: DimensionSet): Pick<RollupSource, "values"> {
  const filter = filters.find(({ dimension, negated }) => dimensions.length === 1 && dimension === dimensions[0] && !negated);
  return filter === undefined ? {} : { values: filter.values };
}

/** @returns the sets that give the sub-query exactly, those with the fewest dimensions first; of sets with the same tiers, which give the same, the first */
function setsCovering({ measure, by, filters }: SubQuery): readonly DimensionSet[] {
  const asked = new Set<CellDimension>([...by, ...filters.map(({ dimension }) => dimension)].filter((name) => !clockDimensions.has(name)));
  // A fact with several values would be counted several times, or be missed by a negated filter.
  const onMany = filters.filter(({ dimension }) => multiValued.has(dimension));
  const isAmbiguous = onMany.some(({ dimension, values, negated }) => negated || values.length > 1 || by.includes(dimension));
  if (isAmbiguous || onMany.length > 1) return [];
  const spare = (name: CellDimension) => asked.has(name) || !multiValued.has(name);
  const covering = measure.sets
    .filter((set) => [...asked].every((name) => set.dimensions.includes(name)) && set.dimensions.every(spare))
    .toSorted((a, b) => a.dimensions.length - b.dimensions.length);
  return [...Map.groupBy(covering, ({ tiers }) => String(tiers)).values()].flatMap(([first]) => first ?? []);
}

type Coverage = Pick<RollupSource, "ranges" | "gaps"> & { readonly gapsMs: number };

/** @returns the fewest ranges of complete buckets between the boundaries, and the gaps where no bucket fits */
function coverageOf(boundaries: readonly number[], tiers: readonly Tier[], minutesFromMs: number): Coverage {
  const ranges: TierRange[] = [];
  const gaps: TimeRange[] = [];
  for (let i = 1; i < boundaries.length; i++) {
    const toMs = boundaries[i] as number;
    for (let fromMs = boundaries[i - 1] as number; fromMs < toMs; ) {
      const range = longestFrom(fromMs, toMs, tiers, minutesFromMs);
      if (range === null) {
        const gap = { fromMs, toMs: nextFit(fromMs, toMs, tiers, minutesFromMs) };
        gaps.push(gap);
        fromMs = gap.toMs;
        continue;
      }
      const last = ranges.at(-1);
      if (last !== undefined && last.tier === range.tier && last.toMs === fromMs) ranges[ranges.length - 1] = { ...last, toMs: range.toMs };
      else ranges.push(range);
      fromMs = range.toMs;
    }
  }
  return { ranges, gaps: joinTimeRanges(gaps), gapsMs: lengthOf(gaps) };
}

/** @returns the first start of a kept bucket that ends at or before `toMs`; `toMs` if there is none */
function nextFit(afterMs: number, toMs: number, tiers: readonly Tier[], minutesFromMs: number): number {
  const starts = tiers.map((tier) => {
    const size = tierMs[tier];
    const startMs = Math.ceil((tier === "minute" ? Math.max(afterMs, minutesFromMs) : afterMs) / size) * size;
    return startMs + size <= toMs ? startMs : toMs;
  });
  return Math.min(toMs, ...starts);
}

/** The coarsest bucket that fits at `fromMs`, and its successors up to where a still coarser one fits. */
function longestFrom(fromMs: number, toMs: number, tiers: readonly Tier[], minutesFromMs: number): TierRange | null {
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
