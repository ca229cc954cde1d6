import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { linesSql } from "./lines.ts";

/**
 * 100 (0.35 participation + 0.25 agreement + 0.20 timeliness + 0.20 (1 - dropout)) over the rooms that ended in the bucket. Timely is a
 * room in half the measure in which it took the median of rooms of its size, over the whole range and under the filters, twice as long.
 */
export function satisfactionSql(facts: string, query: MetricQuery, countedToMs: number): string {
  return `
    with timed as (
      select roomSize, greatest(0, agreedMs - startMs) as ms
      from (${linesSql(facts, { ...query, by: [] })})
      where ending = 'consensus' and startMs is not null and atMs >= ${query.fromMs} and atMs < ${countedToMs}
    ),
    usual as (
      select roomSize, min(ms) filter (2 * nth >= rooms) as medianMs
      from (select *, row_number() over (partition by roomSize order by ms) as nth, count(*) over (partition by roomSize) as rooms from timed)
      group by roomSize
    ),
    ended as (
      select fact.*, ending = 'consensus' as agreed, stretch.i,
        case when ending = 'consensus' and fact.startMs is not null
          then if(agreedMs <= fact.startMs, 1, pow(2, -(agreedMs - fact.startMs) / medianMs)) else 0 end as timely
      from fact join stretch on atMs >= fromMs and atMs < toMs left join usual using (roomSize)
    ),
    parts as (
      select key, i, count(*) as rooms, sum(timely) / count(*) as timeliness,
        coalesce(sum(membersWhoVoted) / nullif(sum(members), 0), 0) as participation,
        coalesce(sum(dropouts) / nullif(sum(members), 0), 0) as dropout,
        coalesce(sum(matchedLikes) filter (agreed) / nullif(sum(matchedVotes) filter (agreed), 0), 0) * count(*) filter (agreed) / count(*)
          as agreement
      from ended group by all
    )
    select key, i, rooms as n, null as d,
      100 * (0.35 * participation + 0.25 * agreement + 0.20 * timeliness + 0.20 * (1 - dropout)) as v
    from parts`;
}
