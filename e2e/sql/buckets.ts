import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { firstAt, localOf } from "./time-zones.ts";

export type Cut = Pick<MetricQuery, "fromMs" | "toMs" | "granularity" | "timeZone">;

/**
 * @param rangeBefore an expression for the start of the range just before; for zones it takes the database longest to plan
 * @returns a query for the buckets that a range touches, in order from `i` = 0, and for the complete range as `i` = -1: `[startMs, endMs)`
 * by the calendar, and `beforeMs`, the start of the period just before. Minutes and hours are those of UTC.
 */
export function bucketsSql(cut: Cut, rangeBefore = "null::bigint"): string {
  const { fromMs, toMs, granularity } = cut;
  const whole = `select -1 as i, ${fromMs} as startMs, ${toMs} as endMs, ${rangeBefore} as beforeMs`;
  if (granularity === "total") return `${whole} union all select 0, startMs, endMs, beforeMs from (${whole})`;
  return `${whole} union all select row_number() over (order by startMs) - 1, startMs, endMs, beforeMs from (
    select startMs, lead(startMs) over (order by startMs) as endMs, lag(startMs) over (order by startMs) as beforeMs
    from (${edgesSql(cut)})
  ) where startMs < ${toMs} and endMs > ${fromMs}`;
}

/** As many dates before if the range consists of whole days, else as many milliseconds; in UTC both are the same. */
export function rangeBeforeSql({ fromMs, toMs, timeZone }: Cut): string {
  if (timeZone === "UTC") return `${fromMs - (toMs - fromMs)}`;
  const [first, last] = [dateSql(`${fromMs}`, timeZone), dateSql(`${toMs - 1}`, timeZone)];
  const days = `(date_diff('day', ${first}, ${last}) + 1)`;
  const isWhole = `${isDayStartSql(`${fromMs}`, timeZone)} and ${isDayStartSql(`${toMs}`, timeZone)}`;
  return `case when ${isWhole} then ${firstAt(`${first} - to_days(${days}::integer)`, timeZone)} else ${fromMs - (toMs - fromMs)} end`;
}

/** @returns the date that clocks show, as its midnight */
export function dateSql(atMs: string, timeZone: string): string {
  return `date_trunc('day', ${localOf(`(${atMs})::bigint`, timeZone)})::timestamp`;
}

export function isDayStartSql(atMs: string, timeZone: string): string {
  return `(${dateSql(atMs, timeZone)} > ${dateSql(`${atMs} - 1`, timeZone)})`;
}

function edgesSql({ fromMs, toMs, granularity, timeZone }: Cut): string {
  const stepMs = { minute: 60_000, hour: 3_600_000 }[granularity as string];
  if (stepMs !== undefined)
    return `select unnest(range(${fromMs} // ${stepMs} * ${stepMs} - ${stepMs}, ${toMs} + 2 * ${stepMs}, ${stepMs})) as startMs`;
  const labelOf = (atMs: number) => `date_trunc('${granularity}', ${localOf(`${atMs}::bigint`, timeZone)})`;
  const step = `interval 1 ${granularity}`;
  const labels = `unnest(generate_series(${labelOf(fromMs)} - ${step}, ${labelOf(toMs)} + ${step}, ${step}))`;
  return `select ${firstAt("label", timeZone)} as startMs from (select ${labels} as label)`;
}
