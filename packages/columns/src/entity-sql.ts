import type { CellDimension } from "@trinity/aggregation/dimension";
import { dimensionSql, unknownSql } from "./dimension-sql.ts";
import { isProductEvent } from "./event-type-sql.ts";
import { ofFirstEvent } from "./first-event-sql.ts";

/** @returns the dimensions of facts that have these as columns, as `dimensionsOfFirst` names them; every other one is unknown */
export function dimensionColumns(...names: readonly CellDimension[]): (name: CellDimension) => string {
  return (name) => (names.includes(name) ? name : unknownSql);
}

/** @returns the dimensions that the first event of a group has, as columns */
export function dimensionsOfFirst(names: readonly CellDimension[], where = "true"): string {
  return names.map((name) => `${ofFirstEvent(dimensionSql(name))} FILTER (${where}) AS ${name}`).join(", ");
}

/**
 * Product events of any time, because entities have events of any time.
 * @param key a column that identifies the entity that an event belongs to; null where it belongs to none
 */
export function eventsWith(key: string, rows: string): string {
  return `(SELECT * FROM ${rows} WHERE ${key} IS NOT NULL AND ${isProductEvent})`;
}

/** Some columns of an event that facts need. */
export type EventColumn = CellDimension | "userNumber";

/**
 * Groups of events: the columns `keys`, `startMs`, `endMs`, `events`, and of `columns` what the first event has. Most groups have the same in
 * all events of their first instant. Only for the others is the order of events of one instant read, whose ids take long.
 * @param told events, with the columns
 */
export function groupsByFirst(told: string, keys: readonly string[], columns: readonly EventColumn[]): string {
  const by = keys.join(", ");
  if (columns.length === 0)
    return `(SELECT ${by}, min(atMs) AS startMs, max(atMs) AS endMs, count(*) AS events FROM ${told} GROUP BY ${by})`;
  const names = columns.join(", ");
  const first = columns.map((name) => `arg_min_null(${name}, startMs) AS ${name}`).join(", ");
  const firstInOrder = columns.map((name) => `${ofFirstEvent(name)} AS ${name}`).join(", ");
  return `(
    WITH found AS MATERIALIZED (
      SELECT ${by}, min(startMs) AS startMs, max(endMs) AS endMs, sum(events)::BIGINT AS events, ${first},
        -- With more than two it is not worth to look closer.
        count(*) > 2 OR (count(*) = 2 AND min(startMs) = max(startMs)) AS isTied
      FROM (SELECT ${by}, ${names}, min(atMs) AS startMs, max(atMs) AS endMs, count(*) AS events FROM ${told} GROUP BY ${by}, ${names})
      GROUP BY ${by}
    )
    SELECT ${by}, startMs, endMs, events, ${names} FROM found WHERE NOT isTied
    UNION ALL
    SELECT ${by}, startMs, endMs, events, ${names} FROM (SELECT ${by}, startMs, endMs, events FROM found WHERE isTied) JOIN (
      SELECT ${by}, ${firstInOrder} FROM ${told} JOIN (SELECT ${by}, startMs AS atMs FROM found WHERE isTied) USING (${by}, atMs) GROUP BY ${by}
    ) USING (${by})
  )`;
}
