import { type Calendar, calendarOf } from "./calendar.ts";
import { userActivityMeasure } from "./measures/event-measures.ts";
import { newUserMeasure } from "./measures/first-measures.ts";
import type { Filter } from "./metric-query.ts";
import type { Segment } from "./segment.ts";
import type { CountWindow, SubQuery } from "./sub-query.ts";
import { UserSet } from "./user-set.ts";

export const cohortUnits = ["day", "week", "month"] as const;
export const retentionKinds = ["classic", "rolling"] as const;

/** How many of those who came in a period come back. Cohorts are the whole periods that `[fromMs, toMs)` touches. */
export type RetentionQuery = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly cohort: (typeof cohortUnits)[number];
  /** `classic`: active in the n-th period after; `rolling`: active in it or later. */
  readonly retentionKind: (typeof retentionKinds)[number];
  /** How many periods after the first are looked at. */
  readonly periods: number;
  readonly timeZone: string;
  /** Which activity counts as coming back. */
  readonly filters: readonly Filter[];
  readonly segment?: Segment;
};

export type RetentionCohort = {
  readonly startMs: number;
  /** Users whose first event ever lies in the period. */
  readonly size: number;
  readonly periods: readonly {
    readonly n: number;
    /** Users of the cohort who were active in the period n after; `null` before it begins. */
    readonly numerator: number | null;
    readonly denominator: number;
    /** False while the period is not over. */
    readonly complete: boolean;
  }[];
};

/** What retention needs to be counted: who came in each cohort, and who was active in each period. */
export type ResolvedRetention = {
  readonly query: RetentionQuery;
  readonly calendar: Calendar;
  readonly asOfMs: number;
  readonly cohorts: readonly CountWindow[];
  /** From the first cohort on, without a gap; for rolling retention the last one goes up to the present. */
  readonly periods: readonly CountWindow[];
  readonly subQueries: readonly [firsts: SubQuery, active: SubQuery];
};

/** So many periods one answer may look at one by one. */
export const retentionPeriodsMax = 5_000;

/** @returns `null` for a question that looks at more than `retentionPeriodsMax` periods */
export function resolveRetention(query: RetentionQuery, asOfMs: number): ResolvedRetention | null {
  const calendar = calendarOf(query.timeZone);
  const cohorts = periodsBetween(query, calendar, query.fromMs, (startMs) => startMs < query.toMs);
  const lastCohort = cohorts.at(-1) as CountWindow;
  const after = periodsBetween(query, calendar, lastCohort.countFromMs, (_, n) => n <= query.periods).slice(1);
  const periods = [...cohorts, ...after, ...restOf(query, calendar, after.at(-1) as CountWindow, asOfMs)];
  if (cohorts.length + after.length > retentionPeriodsMax) return null;
  const whole = (windows: readonly CountWindow[]) => ({
    countFromMs: windows[0]?.countFromMs as number,
    countToMs: windows.at(-1)?.countToMs as number,
  });
  const firsts = {
    name: "firsts",
    reads: "users",
    measure: newUserMeasure,
    by: [],
    filters: [],
    windows: cohorts,
    total: whole(cohorts),
  } as const;
  const active = {
    ...firsts,
    name: "active",
    measure: userActivityMeasure,
    filters: query.filters,
    windows: periods,
    total: whole(periods),
  };
  return { query, calendar, asOfMs, cohorts, periods, subQueries: [firsts, active] };
}

/** For rolling retention everything up to the present counts: what follows the last period is one span, however long. */
function restOf({ cohort, retentionKind }: RetentionQuery, calendar: Calendar, last: CountWindow, asOfMs: number): readonly CountWindow[] {
  if (retentionKind === "classic" || last.countToMs > asOfMs) return [];
  return [{ countFromMs: last.countToMs, countToMs: calendar.next(cohort, asOfMs) }];
}

function periodsBetween(
  { cohort }: RetentionQuery,
  calendar: Calendar,
  fromMs: number,
  isWanted: (startMs: number, n: number) => boolean,
): readonly CountWindow[] {
  const periods: CountWindow[] = [];
  for (let startMs = calendar.startOf(cohort, fromMs); isWanted(startMs, periods.length) && periods.length <= retentionPeriodsMax; ) {
    const endMs = calendar.next(cohort, startMs);
    periods.push({ countFromMs: startMs, countToMs: endMs });
    startMs = endMs;
  }
  return periods;
}

/**
 * @param firsts who came in each cohort
 * @param active who was active in each period
 */
export function retentionOf(
  { query, asOfMs, cohorts, periods }: ResolvedRetention,
  firsts: readonly UserSet[],
  active: readonly UserSet[],
): readonly RetentionCohort[] {
  const counted = query.retentionKind === "classic" ? active : unionsFrom(active);
  return cohorts.map(({ countFromMs: startMs }, i) => {
    const users = firsts[i] ?? new UserSet();
    const denominator = users.size;
    const after = Array.from({ length: query.periods + 1 }, (_, n) => {
      const { countFromMs, countToMs } = periods[i + n] as CountWindow;
      const numerator = countFromMs < asOfMs ? users.intersect(counted[i + n] ?? new UserSet()).size : null;
      return { n, numerator, denominator, complete: countToMs <= asOfMs };
    });
    return { startMs, size: denominator, periods: after };
  });
}

/** @returns for each set the union of it and all that follow */
function unionsFrom(sets: readonly UserSet[]): readonly UserSet[] {
  let union = new UserSet();
  return sets
    .toReversed()
    .map((set) => (union = UserSet.union([union, set])))
    .toReversed();
}
