import { clockDimensions, multiValued, unknownValue } from "@trinity/aggregation/dimension";
import type { Filter } from "@trinity/aggregation/metric-query";
import type { SubQueryPlan } from "@trinity/aggregation/sub-query";
import type { UserSet } from "@trinity/aggregation/user-set";
import { valuesOf } from "./dimension-sql.ts";
import type { Parameters } from "./engine/engine.ts";
import type { MeasureSql } from "./measure-sql.ts";
import { text } from "./sql-text.ts";

/** Which facts of a measure a sub-query counts, of whatever time. */
export type WantedFacts = {
  readonly subQuery: Pick<SubQueryPlan, "filters">;
  readonly measure: MeasureSql;
  /** Only these users count; null for all facts. */
  readonly userFilter: UserSet | null;
};

/** @returns the condition that they meet, but for filters by hour and weekday, and its parameters */
export function factsWhere({ subQuery, measure, userFilter }: WantedFacts): {
  readonly where: string;
  readonly parameters: Parameters;
} {
  const filters = subQuery.filters.filter(({ dimension }) => !clockDimensions.has(dimension));
  const conditions = [
    `(${measure.where})`,
    ...filters.map((filter) => conditionOf(filter, measure.dimension(filter.dimension))),
    ...(userFilter === null ? [] : ["userNumber IN (SELECT unnest($users::JSON::INTEGER[]))"]),
  ];
  return { where: conditions.join(" AND "), parameters: userFilter === null ? {} : { users: JSON.stringify([...userFilter]) } };
}

/** @param sql the dimension, as `dimensionSql` states it. @returns a condition for `WHERE`: it may be null where it is not met */
export function conditionOf({ dimension, values, negated }: Filter, sql: string): string {
  const wanted = values.map(text).join(", ");
  const has = multiValued.has(dimension) ? `list_has_any(${valuesOf(sql)}, [${wanted}])` : `${sql} IN (${wanted})`;
  const passes = values.includes(unknownValue) ? `(${has} OR ${sql} IS NULL)` : has;
  return negated ? `NOT coalesce(${passes}, false)` : passes;
}
