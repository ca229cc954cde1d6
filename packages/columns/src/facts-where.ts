import { clockDimensions, multiValued } from "@trinity/aggregation/dimension";
import type { Filter } from "@trinity/aggregation/metric-query";
import type { SubQueryPlan } from "@trinity/aggregation/sub-query";
import { lengthOf, type TimeRange } from "@trinity/aggregation/time-range";
import type { UserSet } from "@trinity/aggregation/user-set";
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

/** Hardly slower for hundreds of ranges than for one, unless they have odd ends. */
export function inAnyOf(ranges: readonly TimeRange[]): string {
  const inEach = `(${ranges.map(({ fromMs, toMs }) => `(atMs >= ${fromMs} AND atMs < ${toMs})`).join(" OR ")})`;
  if (ranges.length < 3) return inEach;
  const [startMs, endMs] = [ranges[0]?.fromMs as number, ranges.at(-1)?.toMs as number];
  const unitMs = ranges.reduce((unit, { fromMs, toMs }) => greatestDivisor(greatestDivisor(unit, fromMs - startMs), toMs - startMs), 0);
  if (lengthOf(ranges) / unitMs > unitsMax) return inEach;
  const units = ranges.flatMap(({ fromMs, toMs }) =>
    Array.from({ length: (toMs - fromMs) / unitMs }, (_, i) => (fromMs - startMs) / unitMs + i),
  );
  return `atMs >= ${startMs} AND atMs < ${endMs} AND (atMs - ${startMs}) // ${unitMs} IN (${units.join(", ")})`;
}

const unitsMax = 5_000;

/** @param sql the dimension */
export function conditionOf({ dimension, values, negated }: Filter, sql: string): string {
  const wanted = values.map(text).join(", ");
  const passes = multiValued.has(dimension) ? `list_has_any(${sql}, [${wanted}])` : `${sql} IN (${wanted})`;
  return negated ? `NOT (${passes})` : passes;
}
