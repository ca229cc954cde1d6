import type { FunnelQuery } from "@trinity/aggregation/funnel";
import type { PathQuery } from "@trinity/aggregation/path";

/** Funnels and paths in SQL over a table of events, by joins and windows: it shares nothing with the code of the product. */

/** No filter, or a filter on the platform: `iosOnly` in the questions of a test. */
type Asked<Query> = Omit<Query, "filters"> & { readonly iosOnly: boolean };
export type FunnelAsked = Asked<FunnelQuery> & { readonly order: "ordered" };
export type PathsAsked = Asked<PathQuery>;

/**
 * An attempt is a row with the events it used. If several events of an instant could be the next step, it becomes one row for each. An event
 * is excluded when it is known to come before an event that the attempt used.
 * @returns one row with `users<k>` and `median<k>` of each step, counted from 1
 */
export function funnelSql({ steps, windowMs, hold, fromMs, toMs, iosOnly }: FunnelAsked, asOfMs: number): string {
  const held = { room: "roomId", title: "contentId", none: "''" }[hold ?? "none"];
  const event = "{ord: seen.ord, ts: seen.ts, lane: seen.lane, orderNo: seen.orderNo}";
  const stages = steps.slice(1).map((step, i) => {
    const k = i + 1;
    return `
      step${k + 1} as (
        select stage${k}.* exclude (used), seen.ts as ts${k + 1}, list_append(used, ${event}) as used
        from stage${k} join seen using (userId, held)
        where seen.eventType = '${step}' and seen.ts >= ts${k} and seen.ts - ts1 <= ${windowMs}
          and len(list_filter(used, lambda one: one.ord = seen.ord)) = 0
          and len(list_filter(used, lambda one: one.ts = seen.ts and one.lane = seen.lane and seen.orderNo < one.orderNo)) = 0
        qualify seen.ts = min(seen.ts) over (partition by attempt)
      ),
      stage${k + 1} as (
        select * replace (row_number() over () as attempt) from (
          select * from step${k + 1}
          union all by name select * from stage${k} where attempt not in (select attempt from step${k + 1})
        )
      )`;
  });
  const numbers = steps.map((_, i) => i + 1);
  const answers = numbers.flatMap((k) => [
    `count(*) filter (reached >= ${k}) as users${k}`,
    k === 1 ? "null as median1" : `quantile_disc(ts${k} - ts${k - 1}, 0.5) filter (reached >= ${k}) as median${k}`,
  ]);
  return `
    with looked as (
      select *, ${held} as held from events
      where userId is not null and ${held} is not null and ts <= ${asOfMs} ${iosOnly ? "and platform = 'ios'" : ""}
        and eventType in (${steps.map((step) => `'${step}'`).join(", ")})
    ),
    seen as (
      select * replace (
        if(count(distinct orderNo) over (partition by userId, held, ts, lane) = count(*) over (partition by userId, held, ts, lane), lane, null)
          as lane
      ) from looked
    ),
    stage1 as (
      select userId, held, seen.ts as ts1, [${event}] as used, row_number() over () as attempt
      from seen where eventType = '${steps[0]}' and ts >= ${fromMs} and ts < ${toMs}
    ),
    ${stages.join(",\n")}${stages.length > 0 ? "," : ""}
    attempts as (select *, len(used) as reached from stage${steps.length}),
    best as (
      select * from attempts
      qualify row_number() over (partition by userId order by reached desc, ${numbers.map((k) => `ts${k}`).join(", ")}) = 1
    )
    select ${answers.join(", ")} from best`;
}

/** @returns rows of `source`, `target`, `sessions` */
export function linksSql({ fromMs, toMs, by, start, end, depth, nodesMax, iosOnly }: PathsAsked, asOfMs: number): string {
  const backwards = start === null && end !== null;
  const dayMs = 86_400_000;
  return `
    with seen as (
      select *, case when sessionId is null then 'user ' || userId else 'session ' || sessionId end as origin from events
      where coalesce(sessionId, userId) is not null and ts >= ${fromMs - dayMs} and ts < ${toMs + dayMs} and ts <= ${asOfMs}
    ),
    marked as (
      select *, sessionId is null and coalesce(ts - lag(ts) over (partition by origin order by ord) >= 1800000, true) as opens from seen
    ),
    numbered as (select *, origin || ' ' || sum(opens::int) over (partition by origin order by ord) as session from marked),
    sessions as (
      select session from numbered group by session
      having min(ts) >= ${fromMs} and min(ts) < ${toMs} ${iosOnly ? "and arg_min(platform, ord) = 'ios'" : ""}
    ),
    named as (
      select session, ord, ${by === "screen" ? "screen" : "eventType"} as name from numbered join sessions using (session)
      ${by === "screen" ? "where eventType = 'screen_view' and screen is not null" : ""}
    ),
    changed as (select * from named qualify lag(name) over (partition by session order by ord) is distinct from name),
    begun as (
      select changed.* from changed
      ${start === null ? "" : `join (select session, min(ord) as startOrd from changed where name = '${start}' group by all) using (session) where ord >= startOrd`}
    ),
    cut as (
      select begun.* from begun
      ${
        end === null
          ? ""
          : `join (
              select session, min(ord) as endOrd from begun
              ${start === null ? "" : "join (select session, min(ord) as firstOrd from begun group by all) using (session)"}
              where name = '${end}' ${start === null ? "" : "and ord > firstOrd"} group by all
            ) using (session) where ord <= endOrd`
      }
    ),
    placed as (
      select session, name, row_number() over (partition by session order by ord ${backwards ? "desc" : ""}) - 1 as depth,
        count(*) over (partition by session) as length
      from cut
    ),
    counted as (select depth, name, count(*) as times from placed where depth < ${depth} group by all),
    ranked as (select depth, name, row_number() over (partition by depth order by times desc, name) as rank from counted),
    nodes as (
      select session, depth, case when rank <= ${nodesMax} then depth || '/step/' || name else depth || '/other' end as id
      from placed join ranked using (depth, name)
      union all
      select session, least(length, ${depth}), case when length > ${depth} then '${depth}/beyond' else length || '/end' end from placed where depth = 0
    ),
    links as (
      select id as nearer, lead(id) over (partition by session order by depth) as deeper from nodes
    )
    select ${backwards ? "deeper as source, nearer as target" : "nearer as source, deeper as target"}, count(*) as sessions
    from links where deeper is not null group by all`;
}
