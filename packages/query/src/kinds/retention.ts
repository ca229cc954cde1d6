import type { Accumulator, UserAccumulator } from "@trinity/aggregation/accumulator";
import { tierMs } from "@trinity/aggregation/bucket";
import { planSubQuery } from "@trinity/aggregation/plan";
import {
  type ResolvedRetention,
  type RetentionCohort,
  type RetentionQuery,
  resolveRetention,
  retentionOf,
  retentionPeriodsMax,
} from "@trinity/aggregation/retention";
import { readsLog, type SubQueryPlan } from "@trinity/aggregation/sub-query";
import { failed, ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { accumulateSubQueries } from "../reads/accumulate-sub-queries.ts";
import type { CountedQuestion } from "../reads/overflowed-dimensions.ts";

type Plan = { readonly query: RetentionQuery; readonly resolved: ResolvedRetention; readonly subQueries: readonly SubQueryPlan[] };
export type Retention = { readonly cohorts: readonly (Omit<RetentionCohort, "startMs"> & { readonly start: string })[] };

/** How many of those who came in a period come back, from the sets of users by day where periods are whole days or hours of UTC. */
export const retention: QuestionKind<RetentionQuery, Plan, readonly Accumulator[], Retention> = {
  permission: "metrics:read",
  isHeavy: ({ subQueries }) => subQueries.some(readsLog),

  plan(query, { asOfMs, watermark }) {
    const resolved = resolveRetention(query, asOfMs);
    if (resolved === null)
      return failed({ path: "periods", message: `would look at more than ${retentionPeriodsMax} periods: ask for longer ones` });
    const subQueries = resolved.subQueries.map((subQuery) => planSubQuery(subQuery, query, resolved.calendar, watermark));
    return ok({ query, resolved, subQueries });
  },

  async read({ query: { segment, fromMs, toMs, timeZone }, resolved: { calendar }, subQueries }, reader) {
    const group = { subQueries, calendar, timeZone, segment: segment === undefined ? null : { segment, toMs }, range: { fromMs, toMs } };
    const counted = await accumulateSubQueries(reader, [group], reader.moment.watermark);
    if (counted === "outdated") return counted;
    const source = subQueries.some(readsLog) ? "log" : "rollups";
    return { facts: counted.groups[0]?.accumulators ?? [], revision: counted.watermark.revision, source };
  },

  compute({ resolved }, accumulators) {
    const [firsts, active] = accumulators.map((accumulator) => (accumulator as UserAccumulator).series()[0]?.windows ?? []);
    const cohorts = retentionOf(resolved, firsts ?? [], active ?? []);
    return ok({ cohorts: cohorts.map(({ startMs, ...cohort }) => ({ start: new Date(startMs).toISOString(), ...cohort })) });
  },

  overflowCheck: (query, { nowMs }) => ({
    scope: query,
    counts: [{ metric: "active_users" }],
    by: [],
    checkedRange: lookedAt(query, nowMs),
  }),
};

const daysMax = { day: 1, week: 7, month: 31 } as const;

/** From the start of the first cohort to the end of the last period; up to the present where periods have no end. */
function lookedAt({ fromMs, toMs, cohort, retentionKind, periods }: RetentionQuery, nowMs: number): CountedQuestion["checkedRange"] {
  const periodMs = daysMax[cohort] * tierMs.day + tierMs.hour;
  const endMs = retentionKind === "rolling" ? nowMs : Math.min(toMs + (periods + 2) * periodMs, nowMs);
  return { fromMs: fromMs - periodMs, toMs: Math.max(toMs, endMs + 1) };
}
