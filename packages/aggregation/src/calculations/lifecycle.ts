import type { AccumulatorsByName } from "../accumulators.ts";
import { dimensionsWithClock, type Measure } from "../measure.ts";
import { startBefore } from "../previous-period.ts";
import type { ResolvedQuery } from "../resolved-query.ts";
import { userRows } from "../rows/rows-of-number.ts";
import type { CountWindow, SubQuery } from "../sub-query.ts";
import { UserSet } from "../user-set.ts";
import type { Calculation } from "./calculation.ts";
import { seriesByKey } from "./series-by-key.ts";

export type LifecycleStage = "returning" | "resurrected" | "dormant";

type LifecycleMeasures = {
  readonly active: Measure;
  /** Counts users by their first event. */
  readonly firsts: Measure;
};
type SubQueryName = "active" | "activeBefore" | "newcomers";

/** Users by whether they were active in the bucket and in the period before it. */
export function lifecycle(stage: LifecycleStage, { active, firsts }: LifecycleMeasures): Calculation<SubQueryName> {
  return {
    description: "exact distinct count, from the bucket and the period before it",
    measures: [active, firsts],
    dimensions: dimensionsWithClock(active),
    parameter: null,
    finestGranularity: "minute",
    isAdditive: false,
    emptyValue: { value: 0 },
    kind: () => "distinct",
    subQueries: (resolved) => subQueriesOf(resolved, stage, { active, firsts }),
    series: ({ buckets }, sums) => {
      const [newcomers] = sums.users("newcomers").series();
      return seriesByKey([sums.users("active").series(), sums.users("activeBefore").series()]).map(({ key, by, series: [now, before] }) => {
        const valueFrom = (usersOf: (series: { readonly windows: readonly UserSet[]; readonly total: UserSet }) => UserSet | undefined) => {
          const [current, previous, first] = [now, before, newcomers].map((series) => (series && usersOf(series)) ?? noUsers);
          return { value: usersAt(stage, current as UserSet, previous as UserSet, first as UserSet).size };
        };
        return { key, by, points: buckets.map((_, i) => valueFrom(({ windows }) => windows[i])), total: valueFrom(({ total }) => total) };
      });
    },
    rows: (plan) => userRows(plan, stage === "dormant" ? "activeBefore" : "active", "value", { only: (sums) => usersInTotal(stage, sums) }),
  };
}

/** `newcomers` is needed to find the resurrected only; for the others its windows are empty. */
function subQueriesOf(
  resolved: ResolvedQuery,
  stage: LifecycleStage,
  { active, firsts }: LifecycleMeasures,
): readonly SubQuery<SubQueryName>[] {
  const { query, asOfMs, buckets, total } = resolved;
  const users = { reads: "users", measure: active, by: query.by, filters: query.filters } as const;
  // In a bucket that has not begun, all users of the period before would be dormant.
  const isAhead = (startMs: number) => stage === "dormant" && startMs >= asOfMs;
  const before = buckets.map(({ startMs }) => (isAhead(startMs) ? emptyAt(startMs) : periodBefore(resolved, startMs)));
  const totalBefore = isAhead(query.fromMs) ? emptyAt(query.fromMs) : rangeBefore(resolved);
  const newcomers = stage === "resurrected" ? { windows: buckets, total } : { windows: [], total: emptyAt(total.countFromMs) };
  return [
    { name: "active", ...users, windows: buckets, total },
    { name: "activeBefore", ...users, windows: before, total: totalBefore },
    { name: "newcomers", reads: "users", measure: firsts, by: [], filters: [], ...newcomers },
  ];
}

function emptyAt(atMs: number): CountWindow {
  return { countFromMs: atMs, countToMs: atMs };
}

/** The period is not cut by the range. */
function periodBefore(resolved: ResolvedQuery, startMs: number): CountWindow {
  const { query, calendar } = resolved;
  if (query.granularity === "total") return rangeBefore(resolved);
  return { countFromMs: calendar.startOf(query.granularity, startMs - 1), countToMs: startMs };
}

function rangeBefore({ query, calendar }: ResolvedQuery): CountWindow {
  return { countFromMs: startBefore(query, calendar, ["day"]), countToMs: query.fromMs };
}

function usersInTotal(stage: LifecycleStage, sums: AccumulatorsByName<SubQueryName>): UserSet {
  const usersOf = (name: SubQueryName) => sums.users(name).series()[0]?.total ?? noUsers;
  return usersAt(stage, usersOf("active"), usersOf("activeBefore"), usersOf("newcomers"));
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
