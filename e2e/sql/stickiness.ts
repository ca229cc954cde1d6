import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { bucketsSql } from "./buckets.ts";
import { firstAt, localOf } from "./time-zones.ts";

/**
 * Users active in a day, added up over the days of the bucket, over users active in the 30 days that end with it, added up likewise.
 * A day that the range cuts counts what of it lies in the range; its 30 days begin before the range but do not go beyond it.
 */
export function stickinessSql(query: MetricQuery): string {
  const monthFrom = firstAt(`${localOf("endMs", query.timeZone)} - interval 30 day`, query.timeZone);
  const usersIn = (fromMs: string, amount: string) => `
    select key, day.startMs as dayMs, count(distinct userId) as ${amount} from fact join day on atMs >= ${fromMs} and atMs < day.toMs group by all`;
  return `
    with day as materialized (
      select startMs, greatest(startMs, ${query.fromMs}) as fromMs, least(endMs, ${query.toMs}) as toMs, ${monthFrom} as monthFromMs
      from (${bucketsSql({ ...query, granularity: "day" })}) where i >= 0
    ),
    month as (${usersIn("monthFromMs", "monthly")}),
    daily as (${usersIn("fromMs", "daily")})
    select key, i, sum(coalesce(daily, 0)) as n, sum(monthly) as d, null as v
    from month left join daily using (key, dayMs) join stretch on greatest(dayMs, ${query.fromMs}) >= fromMs and greatest(dayMs, ${query.fromMs}) < toMs
    group by all`;
}
