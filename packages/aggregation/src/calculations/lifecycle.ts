import type { UserAccumulator } from "../accumulator.ts";
import type { Calculation, LifecycleStage } from "../metric.ts";
import type { MetricSeries } from "../metric-value.ts";
import { startBefore } from "../previous-period.ts";
import type { ResolvedQuery } from "../resolved-query.ts";
import type { SubQuery } from "../sub-query.ts";
import { UserSet } from "../user-set.ts";
import { seriesByKey } from "./series-by-key.ts";

type LifecycleCalculation = Extract<Calculation, { readonly kind: "lifecycle" }>;

/**
 * Who was active in the bucket; who in the period before, which the range does not cut; and, of everybody, who is new in the bucket, which
 * tells only the resurrected from others.
 */
export function subQueriesOfLifecycle(resolved: ResolvedQuery, { firsts, stage }: LifecycleCalculation): readonly SubQuery[] {
  const { metric, query, asOfMs, buckets, total } = resolved;
  const active = { reads: "users", measure: metric.measure, by: query.by, filters: query.filters } as const;
  // In a bucket that has not begun everybody would be dormant.
  const isAhead = (startMs: number) => stage === "dormant" && startMs >= asOfMs;
  const before = buckets.map(({ startMs }) => (isAhead(startMs) ? emptyAt(startMs) : periodBefore(resolved, startMs)));
  const totalBefore = isAhead(query.fromMs) ? emptyAt(query.fromMs) : rangeBefore(resolved);
  const newcomers =
    stage === "resurrected" ? { windows: buckets, total } : { windows: [], total: { ...total, countToMs: total.countFromMs } };
  return [
    { ...active, windows: buckets, total },
    { ...active, windows: before, total: totalBefore },
    { reads: "users", measure: firsts, by: [], filters: [], ...newcomers },
  ];
}

function emptyAt(atMs: number) {
  return { countFromMs: atMs, countToMs: atMs };
}

function periodBefore(resolved: ResolvedQuery, startMs: number) {
  const { query, calendar } = resolved;
  if (query.granularity === "total") return rangeBefore(resolved);
  return { countFromMs: calendar.startOf(query.granularity, startMs - 1), countToMs: startMs };
}

function rangeBefore({ query, calendar }: ResolvedQuery) {
  return { countFromMs: startBefore(query, calendar, ["day"]), countToMs: query.fromMs };
}

export function seriesOfLifecycle(
  resolved: ResolvedQuery,
  { stage }: LifecycleCalculation,
  [now, before, firsts]: readonly [UserAccumulator, UserAccumulator, UserAccumulator],
): readonly MetricSeries[] {
  const [newcomers] = firsts.series();
  return seriesByKey([now.series(), before.series()]).map(({ key, by, series: [active, previous] }) => {
    const count = (
      pick: (series: { readonly windows: readonly UserSet[]; readonly total: UserSet } | undefined) => UserSet | undefined,
    ) => ({
      value: usersAt(stage, pick(active) ?? noUsers, pick(previous) ?? noUsers, pick(newcomers) ?? noUsers).size,
    });
    const points = resolved.buckets.map((_, i) => count((series) => series?.windows[i]));
    return { key, by, points, total: count((series) => series?.total) };
  });
}

/** @returns the users that the total of a question without `by` counts */
export function usersOfLifecycle(
  { stage }: LifecycleCalculation,
  [now, before, firsts]: readonly [UserAccumulator, UserAccumulator, UserAccumulator],
): UserSet {
  const [active, previous, newcomers] = [now, before, firsts].map((accumulator) => accumulator.series()[0]?.total ?? noUsers);
  return usersAt(stage, active as UserSet, previous as UserSet, newcomers as UserSet);
}

function usersAt(stage: LifecycleStage, active: UserSet, previous: UserSet, newcomers: UserSet): UserSet {
  switch (stage) {
    case "returning":
      return active.intersect(previous);
    case "dormant":
      return previous.without(active);
    case "resurrected":
      return active.without(previous).without(newcomers);
  }
}

const noUsers = new UserSet();
