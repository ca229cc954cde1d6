import type { FunnelQuery } from "@trinity/aggregation/funnel";
import type { PathQuery } from "@trinity/aggregation/path";

/** Funnels and paths in SQL over a table of events, by joins and windows: nothing of it is shared with the code that answers. */

/** No filter, or those of platforms: `iosOnly` in the questions of a test. */
type Asked<Query> = Omit<Query, "filters"> & { readonly iosOnly: boolean };
export type FunnelAsked = Asked<FunnelQuery> & { readonly order: "ordered" };
export type PathsAsked = Asked<PathQuery>;

/** @returns one row with `users<k>` and `median<k>` of each step, counted from 1 */
export function funnelSql({ steps, windowMs, hold, fromMs, toMs, iosOnly }: FunnelAsked, asOfMs: number): string {
  const held = { room: "roomId", title: "contentId", none: "''" }[hold ?? "none"];
  const stages = steps.map((step, i) =>
    i === 0
      ? `stage1 as (select userId, held, ord as ord1, ts as ts1 from seen where eventType = '${step}' and ts >= ${fromMs} and ts < ${toMs})`
      : `stage${i + 1} as (
          select stage${i}.*, min(seen.ord) as ord${i + 1}, arg_min(seen.ts, seen.ord) as ts${i + 1}
          from stage${i} left join seen
            on seen.userId = stage${i}.userId and seen.held = stage${i}.held and seen.eventType = '${step}'
            and seen.ord > stage${i}.ord${i} and seen.ts - stage${i}.ts1 <= ${windowMs}
          group by all)`,
  );
  const numbers = steps.map((_, i) => i + 1);
  const answers = numbers.flatMap((k) => [
    `count(*) filter (reached >= ${k}) as users${k}`,
    k === 1 ? "null as median1" : `quantile_disc(ts${k} - ts${k - 1}, 0.5) filter (reached >= ${k}) as median${k}`,
  ]);
  return `
    with seen as (
      select *, ${held} as held from events
      where userId is not null and ${held} is not null and ts <= ${asOfMs} ${iosOnly ? "and platform = 'ios'" : ""}
    ),
    ${stages.join(",\n")},
    attempts as (select *, ${numbers.map((k) => `(ord${k} is not null)::int`).join(" + ")} as reached from stage${steps.length}),
    best as (select * from attempts qualify row_number() over (partition by userId order by reached desc, ord1) = 1)
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
