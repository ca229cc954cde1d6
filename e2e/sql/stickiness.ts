import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { bucketsSql } from "./buckets.ts";
import { windowFromSql } from "./windows.ts";

const dayMs = 86_400_000;

/**
 * Users active in a day, added up over the days of the bucket that have begun, over users active in the 30 days that end with it, added up
 * likewise. A day that the range cuts counts only inside the range; its 30 days may begin before the range but do not end after it.
 */
export function stickinessSql(query: MetricQuery, asOfMs: number): string {
  const { fromMs, toMs, timeZone } = query;
  // Some more days than the thirty before the first, because days with a clock change are longer.
  const days = bucketsSql({ ...query, granularity: "day", fromMs: fromMs - 32 * dayMs });
  return `
    with day as materialized (
      select i as nth, startMs as dayMs, endMs as nextMs, least(endMs, ${toMs}) as toMs, endMs <= least(${toMs}, ${asOfMs}) as isWhole
      from (${days}) where i >= 0
    ),
    asked as materialized (select * from day where nextMs > ${fromMs} and greatest(dayMs, ${fromMs}) < ${asOfMs}),
    active as materialized (
      select distinct key, userId, nth, atMs >= ${fromMs} as counted from fact asof join day on atMs >= dayMs where atMs < nextMs and atMs < ${toMs}
    ),
    daily as (select key, nth, count(distinct userId) as users from active where counted group by all),
    monthly as (
      select key, asked.nth, dayMs, count(distinct userId) as users
      from asked join active on isWhole and active.nth between asked.nth - 29 and asked.nth group by all
      union all
      select key, nth, dayMs, count(distinct userId) as users
      from fact join (select *, ${windowFromSql("toMs", 30, timeZone, asOfMs)} as windowMs from asked where not isWhole)
        on atMs >= windowMs and atMs < toMs group by all
    )
    select key, i, sum(coalesce(daily.users, 0)) as n, sum(monthly.users) as d, null as v
    from monthly left join daily using (key, nth) join stretch on greatest(dayMs, ${fromMs}) between fromMs and toMs - 1
    group by all`;
}
