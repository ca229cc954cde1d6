import { resourceMeasure } from "@trinity/aggregation/event-measures";
import { addedMax, resourceComponent } from "@trinity/aggregation/resource";
import { conventionalUnit, stateKinds, unitConversions, watchedMetrics } from "@trinity/events/watched-metric";
import { binSql } from "./bin-sql.ts";
import { dimensionColumns } from "./entity-sql.ts";
import { eventTable } from "./event-table.ts";
import { ofType } from "./event-type-sql.ts";
import type { MeasureSql } from "./measure-sql.ts";
import { text } from "./sql-text.ts";

/** What `trim` of JavaScript leaves out: that of SQL leaves out spaces only. */
const blanks =
  "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff";

/** Data points of watched metrics whose unit is known: one of it is `times / per` of the unit of the resource. */
function pointsSql(rows: string): string {
  const said = (name: string, type: string) => `(propertiesJson->>'$.${name}')::${type} AS ${name}`;
  const units = [...watchedMetrics].flatMap(([metric, watched]) =>
    [...unitConversions(watched)].map(
      ([unit, { times, per }]) => `(${text(metric)}, ${text(watched.resource)}, ${text(unit)}, ${times}::DOUBLE, ${per}::DOUBLE)`,
    ),
  );
  const conventional = [...watchedMetrics].map(([metric, watched]) => `WHEN ${text(metric)} THEN ${text(conventionalUnit(watched))}`);
  return `(
    SELECT * FROM (
      SELECT * REPLACE (
        CASE WHEN coalesce(unit, '') = '' THEN CASE metric ${conventional.join(" ")} END
          ELSE coalesce(nullif(regexp_replace(unit, '\\{[^{}]*\\}', '', 'g'), ''), '1') END AS unit
      ) FROM (
        SELECT atMs, service, ${said("metric", "VARCHAR")}, ${said("unit", "VARCHAR")}, ${said("series", "VARCHAR")}, lower(trim(propertiesJson->>'$.state', ${text(blanks)})) AS state,
          ${said("value", "DOUBLE")}, ${said("count", "DOUBLE")}, ${said("sum", "DOUBLE")}, ${said("startMs", "DOUBLE")}
        FROM ${rows} WHERE ${ofType("metric_point")}
      )
    ) JOIN (VALUES ${units.join(", ")}) watched(metric, resource, unit, times, per) USING (metric, unit)
  )`;
}

/** A value as a whole number of parts of the unit of the resource; null for one that is negative or too large. Rounds as JavaScript does. */
function scaled(value: string, parts: number): string {
  const exact = `(${value} * times / per * ${parts}::DOUBLE)`;
  const whole = `if(${exact} < 0, floor(${exact} + 0.5), round(${exact}))`;
  return `if(${whole} BETWEEN 0 AND ${Number.MAX_SAFE_INTEGER}, ${whole}, NULL)`;
}

/** Points that mean something by themselves: a value is one observation, a histogram that many of its mean. */
function singleFacts(points: string): string {
  return `
    SELECT atMs, service, resource, n, n * each AS millionths FROM (
      SELECT *, if(value IS NULL, "count", 1) AS n, ${scaled('coalesce(value, "sum" / "count")', 1e6)} AS each
      FROM ${points} WHERE series IS NULL AND (value IS NOT NULL OR ("count" > 0 AND "sum" IS NOT NULL))
    )`;
}

const wholeBillionths = 1e9;

/** The states of one instant are one observation: the sum of those of use or, without any, what those of rest leave of a whole. */
function stateFacts(points: string): string {
  const kinds = [...watchedMetrics].flatMap(([metric, watched]) =>
    Object.entries(stateKinds(watched)).flatMap(([state, kind]) =>
      kind === "part" ? [] : [`(${text(metric)}, ${text(state)}, ${kind === "use"}, ${watched.states?.isWhole === true})`],
    ),
  );
  return `
    SELECT atMs, service, resource, 1 AS n, round(billionths / 1000) AS millionths FROM (
      SELECT atMs, any_value(service) AS service, any_value(resource) AS resource,
        CASE WHEN bool_or(isUse) THEN sum(share) FILTER (isUse)
          WHEN any_value(isWhole) THEN greatest(0, ${wholeBillionths} - sum(share)) ELSE 0 END AS billionths
      FROM (
        SELECT *, ${scaled("value", wholeBillionths)} AS share FROM ${points} JOIN (VALUES ${kinds.join(", ")}) states(metric, state, isUse, isWhole)
        USING (metric, state) WHERE series IS NOT NULL AND value IS NOT NULL
      )
      WHERE share IS NOT NULL GROUP BY series, atMs
    )`;
}

/**
 * A running total counts what it grew by since the last second that had a point: of one second the last point counts. A total that fell was
 * reset to 0. Before the first point it was 0 if its start is known, else counting begins there.
 */
function streamFacts(points: string): string {
  return `
    SELECT atMs, service, resource, if(isSum, 1, "count" - countBefore) AS n, total - totalBefore AS millionths FROM (
      SELECT *, if(falls, 0, lastCount) AS countBefore, if(falls, 0, lastTotal) AS totalBefore FROM (
        SELECT *, "count" < lastCount OR total < lastTotal AS falls FROM (
          SELECT *, coalesce(lag("count") OVER inTime, if(isKnown, 0, NULL)) AS lastCount, coalesce(lag(total) OVER inTime, if(isKnown, 0, NULL)) AS lastTotal
          FROM (
            SELECT series, service, resource, isSum, point[1]::BIGINT AS atMs, point[2] AS "count", point[3] AS total, point[4] = 1 AS isKnown FROM (
              SELECT series, any_value(service) AS service, any_value(resource) AS resource, any_value(isSum) AS isSum,
                max([atMs::DOUBLE, "count", total, isKnown]) AS point
              FROM (
                SELECT * REPLACE (if(value IS NULL, "count", 0) AS "count"), value IS NOT NULL AS isSum, (startMs IS NOT NULL)::DOUBLE AS isKnown,
                  ${scaled('coalesce(value, "sum")', 1e6)} AS total
                FROM ${points} WHERE series IS NOT NULL AND state IS NULL
              )
              WHERE total IS NOT NULL AND "count" IS NOT NULL GROUP BY series, atMs // 1000
            )
          )
          WINDOW inTime AS (PARTITION BY series ORDER BY atMs)
        )
      )
    ) WHERE lastTotal IS NOT NULL`;
}

function observationsSql(rows: string): string {
  // Those of states are limited by their shares only.
  return `(
    WITH points AS MATERIALIZED (SELECT * FROM ${pointsSql(rows)})
    SELECT * FROM (${singleFacts("points")} UNION ALL ${streamFacts("points")})
    WHERE n > 0 AND n <= ${addedMax} AND millionths <= ${addedMax}
    UNION ALL ${stateFacts("points")}
  )`;
}

/** The measure of resource use in SQL, beside its `amountsOf`, `observationEntity` and `streamEntity`. */
export const resourceMeasureSql: Readonly<Record<string, MeasureSql>> = {
  [resourceMeasure.name]: {
    table: eventTable,
    // A running total counts from the point before, of whatever time.
    reads: "all",
    facts: observationsSql,
    where: "true",
    dimension: dimensionColumns("service", "resource"),
    sums: { [resourceComponent.observations]: { of: "n" }, [resourceComponent.sumMillionths]: { of: "millionths" } },
    bins: [{ of: binSql("round(millionths / n)"), first: resourceComponent.bin0 }],
  },
};
