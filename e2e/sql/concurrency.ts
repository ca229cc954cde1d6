/**
 * The most sessions that are open in any one minute of the bucket. A session is open from the minute of its first event through the
 * minute of its last. The level changes only where sessions begin or end, so it is read there and at the first minute of each bucket.
 */
export function concurrencySql(): string {
  return `
    with minutes as materialized (select i, fromMs // 60000 as firstMinute, (toMs - 1) // 60000 as lastMinute from stretch),
    change as (
      select key, atMs // 60000 as minute, 1 as opened from fact
      union all select key, endMs // 60000 + 1, -1 from fact
      union all select key, firstMinute, 0 from (select distinct key from fact) cross join minutes
    ),
    level as (
      select key, minute, sum(sum(opened)) over (partition by key order by minute) as open from change group by key, minute
    )
    select key, i, max(open) as n, null as d, null as v
    from level join minutes on minute >= firstMinute and minute <= lastMinute group by all`;
}
