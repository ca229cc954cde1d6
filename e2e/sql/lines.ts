import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { usersInSegmentSql } from "./segments.ts";
import { localOf, quoted } from "./time-zones.ts";

/** Separates the values of a group key of two dimensions. */
export const keySeparator = "\u001f";

/**
 * @param facts a query with `atMs` and a column for each dimension; for a segment, with a `userId` too
 * @returns the facts that pass the filters of a question, of users in its segment, with the `key` of their series; a fact of several genres occurs
 * once for each
 */
export function linesSql(facts: string, query: MetricQuery): string {
  const { by, filters, timeZone, segment, toMs } = query;
  const clocked = [...by, ...filters.map(({ dimension }) => dimension)].some((name) => name in clockColumns);
  const clock = clocked ? `, ${localOf("atMs", timeZone)} as clock` : "";
  const conditions = filters.map(({ dimension, values, negated }) => `${negated ? "not " : ""}${hasOneOf(dimension, values)}`);
  if (segment !== undefined) conditions.push(`userId in (${usersInSegmentSql(segment, toMs)})`);
  const where = conditions.length === 0 ? "" : `where ${conditions.join(" and ")}`;
  const keys = by.map((name, i) => `${name === "genre" ? "unnest(genre)" : columnOf(name)} as key${i}`);
  const key = by.length === 0 ? "''" : by.map((_, i) => `key${i}`).join(` || '${keySeparator}' || `);
  return `select ${key} as key, * from (select *${keys.map((one) => `, ${one}`).join("")} from (select *${clock} from (${facts})) ${where})`;
}

function hasOneOf(dimension: string, values: readonly string[]): string {
  const listed = values.map(quoted).join(", ");
  return dimension === "genre" ? `list_has_any(genre, [${listed}])` : `(${columnOf(dimension)} in (${listed}))`;
}

const clockColumns: Readonly<Record<string, string>> = { hourOfDay: "hour(clock)::varchar", weekday: "isodow(clock)::varchar" };

function columnOf(dimension: string): string {
  return clockColumns[dimension] ?? dimension;
}
