import { clockDimensions, multiValued, unknownValue } from "@trinity/aggregation/dimension";
import type { Filter } from "@trinity/aggregation/metric-query";
import type { SubQueryPlan } from "@trinity/aggregation/sub-query";
import { lengthOf, type TimeRange } from "@trinity/aggregation/time-range";
import type { UserSet } from "@trinity/aggregation/user-set";
import { valuesOf } from "./dimension-sql.ts";
import type { Parameters } from "./engine/engine.ts";
import type { MeasureSql } from "./measure-sql.ts";
import { greatestDivisor } from "./slots.ts";
import { text } from "./sql-text.ts";

/** Which facts of a measure a sub-query counts. */
export type WantedFacts = {
  readonly subQuery: Pick<SubQueryPlan, "filters">;
  readonly measure: MeasureSql;
  /** Ascending and disjoint. */
  readonly ranges: readonly TimeRange[];
  /** Only these users count; null for all facts. */
  readonly userFilter: UserSet | null;
};

/** @returns the condition that they meet, but for filters by hour and weekday, and its parameters */
export function factsWhere({ subQuery, measure, ranges, userFilter }: WantedFacts): {
  readonly where: string;
  readonly parameters: Parameters;
} {
  const filters = subQuery.filters.filter(({ dimension }) => !clockDimensions.has(dimension));
  const conditions = [
    inAnyOf(ranges),
    `(${measure.where})`,
    ...filters.map((filter) => conditionOf(filter, measure.dimension(filter.dimension))),
    ...(userFilter === null ? [] : ["userNumber IN (SELECT unnest($users::JSON::INTEGER[]))"]),
  ];
  return { where: conditions.join(" AND "), parameters: userFilter === null ? {} : { users: JSON.stringify([...userFilter]) } };
}

/** Hardly slower for hundreds of ranges than for one, unless they have odd ends. Times that repeat with a period take two thirds of it. */
export function inAnyOf(ranges: readonly TimeRange[]): string {
  const inEach = `(${ranges.map(({ fromMs, toMs }) => `(atMs >= ${fromMs} AND atMs < ${toMs})`).join(" OR ")})`;
  if (ranges.length < 3) return inEach;
  const [first, second, last] = [ranges[0], ranges[1], ranges.at(-1)] as [TimeRange, TimeRange, TimeRange];
  const [startMs, endMs] = [first.fromMs, last.toMs];
  const within = `atMs >= ${startMs} AND atMs < ${endMs}`;
  const [lengthMs, periodMs] = [first.toMs - startMs, second.fromMs - startMs];
  const isPeriodic = ranges.every(({ fromMs, toMs }, i) => fromMs === startMs + i * periodMs && toMs === fromMs + lengthMs);
  if (isPeriodic) return `${within} AND (atMs - ${startMs}) % ${periodMs} < ${lengthMs}`;
  const unitMs = ranges.reduce((unit, { fromMs, toMs }) => greatestDivisor(greatestDivisor(unit, fromMs - startMs), toMs - startMs), 0);
  if (lengthOf(ranges) / unitMs > unitsMax) return inEach;
  const units = ranges.flatMap(({ fromMs, toMs }) =>
    Array.from({ length: (toMs - fromMs) / unitMs }, (_, i) => (fromMs - startMs) / unitMs + i),
  );
  return `${within} AND (atMs - ${startMs}) // ${unitMs} IN (${units.join(", ")})`;
}

const unitsMax = 5_000;

/** @param sql the dimension, as `dimensionSql` states it. @returns a condition for `WHERE`: it may be null where it is not met */
export function conditionOf({ dimension, values, negated }: Filter, sql: string): string {
  const wanted = values.map(text).join(", ");
  const has = multiValued.has(dimension) ? `list_has_any(${valuesOf(sql)}, [${wanted}])` : `${sql} IN (${wanted})`;
  const passes = values.includes(unknownValue) ? `(${has} OR ${sql} IS NULL)` : has;
  return negated ? `NOT coalesce(${passes}, false)` : passes;
}
