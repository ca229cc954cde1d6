import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { bucketsSql, rangeBeforeSql } from "./buckets.ts";
import { concurrencySql } from "./concurrency.ts";
import { linesSql } from "./lines.ts";
import type { MetricDefinition } from "./metric-definitions.ts";
import { satisfactionSql } from "./satisfaction.ts";
import { stickinessSql } from "./stickiness.ts";
import { windowFromSql } from "./windows.ts";

/**
 * @param asOfMs the present
 * @returns a query for the numbers of a question: `i`, `startMs` of every bucket and, for each series with facts in it, its `key`
 * with `n` (count, numerator, or number of observations), `d` (denominator) and `v` (a duration's statistic)
 */
export function numbersSql(definition: MetricDefinition, query: MetricQuery, asOfMs: number): string {
  const countedToMs = definition.isProvisional ? Math.min(query.toMs, Math.floor(asOfMs / 60_000) * 60_000) : query.toMs;
  const rangeBefore = definition.kind === "lifecycle" ? rangeBeforeSql(query) : undefined;
  return `
    with bucket as materialized (${bucketsSql(query, rangeBefore)}),
    stretch as (
      select *, greatest(startMs, ${query.fromMs}) as fromMs, least(endMs, ${countedToMs}) as toMs from bucket
    ),
    fact as (${linesSql(definition.facts, query)})
    select i, startMs, key, n, d, v from bucket left join (${countedSql(definition, query, asOfMs, countedToMs)}) using (i)`;
}

/**
 * @param facts rows with `atMs`
 * @returns a query for the facts with the `i` of the bucket that contains them between two of its instants, and once more with that of the
 * complete range; buckets do not overlap, so only the last one that began before a fact is looked up
 */
function placedSql(facts: string, fromMs: string, toMs: string): string {
  return `
    select one.*, i from (${facts}) one asof join (select * from stretch where i >= 0) on atMs >= ${fromMs} where atMs < ${toMs}
    union all select one.*, i from (${facts}) one join stretch on i = -1 and atMs >= ${fromMs} and atMs < ${toMs}`;
}

const placed = `(${placedSql("from fact", "fromMs", "toMs")})`;

function countedSql(definition: MetricDefinition, query: MetricQuery, asOfMs: number, countedToMs: number): string {
  switch (definition.kind) {
    case "count":
      return `select key, i, sum(n) as n, null as d, null as v from ${placed} group by all`;
    case "ratio":
      return `select key, i, sum(n) as n, sum(d) as d, null as v from ${placed} group by all`;
    case "duration":
      return durationSql(query, definition.per);
    case "distinct":
      return distinctSql(query, asOfMs);
    case "per_user":
      return perUserSql(query);
    case "lifecycle":
      return lifecycleSql(definition.is, asOfMs);
    case "stickiness":
      return stickinessSql(query, asOfMs);
    case "concurrency":
      return concurrencySql();
    case "satisfaction":
      return satisfactionSql(definition.facts, query, countedToMs);
  }
}

/** The quantile by nearest rank: the first value up to which enough observations are counted. */
function durationSql({ statistic }: MetricQuery, per: number): string {
  if (statistic === "mean")
    return `select key, i, sum(n) as n, null as d, sum(v::hugeint * n) / sum(n) / ${per} as v from ${placed} group by all`;
  return `
    select key, i, any_value(observations) as n, null as d, min(v) filter (100 * seen >= ${statistic.slice(1)} * observations) / ${per} as v
    from (
      select key, i, v, sum(sum(n)) over (partition by key, i order by v) as seen, sum(sum(n)) over (partition by key, i) as observations
      from ${placed} group by key, i, v
    ) group by key, i`;
}

/** A window may begin before the range; without one a bucket stays inside the range. */
function distinctSql({ windowDays, timeZone }: MetricQuery, asOfMs: number): string {
  if (windowDays === 1) return `select key, i, count(distinct userId) as n, null as d, null as v from ${placed} group by all`;
  const windowFrom = windowFromSql("toMs", windowDays, timeZone, asOfMs);
  return `select key, i, count(distinct userId) as n, null as d, null as v
    from fact join (select * replace (${windowFrom} as fromMs) from stretch) on atMs >= fromMs and atMs < toMs group by all`;
}

function perUserSql(query: MetricQuery): string {
  return `
    select coalesce(done.key, active.key) as key, coalesce(done.i, active.i) as i, coalesce(done.n, 0) as n, coalesce(active.d, 0) as d,
      null as v
    from (select key, i, sum(n) as n from ${placed} group by all) done
    full join (
      select key, i, count(distinct userId) as d from (${placedSql(linesSql("from deed", query), "fromMs", "toMs")}) group by all
    ) active on done.key = active.key and done.i = active.i`;
}

function lifecycleSql(condition: string, asOfMs: number): string {
  return `
    select key, i, count(*) filter (${condition}) as n, null as d, null as v
    from (
      select key, i, userId, bool_or(isNow) as now, bool_or(not isNow) as before from (
        select key, i, userId, true as isNow from ${placed}
        union all
        select key, i, userId, false from (${placedSql("from fact", "beforeMs", "startMs")})
      ) group by all
    )
    left join (
      select userId, i, true as isNewcomer from (${placedSql("from newcomer", "fromMs", "toMs")})
    ) using (i, userId)
    join (select i, startMs < ${asOfMs} as hasBegun from stretch) using (i),
    lateral (select coalesce(isNewcomer, false) as isNew)
    group by key, i`;
}
