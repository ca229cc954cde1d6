import { contextNames } from "@trinity/aggregation/event-dimensions";
import { type Filter, passes } from "@trinity/aggregation/metric-query";
import { dimensionSql } from "./dimension-sql.ts";
import { conditionOf } from "./facts-where.ts";

/** @returns the condition that the context of an event meets if it passes the filters: if not, it is false or null */
export function contextWhere(filters: readonly Filter[]): string {
  return filters.map((filter) => `(${conditionOfContext(filter)})`).join(" AND ") || "true";
}

function conditionOfContext(filter: Filter): string {
  const name = contextNames.find((one) => one === filter.dimension);
  // A context has no value in any other dimension.
  return name === undefined ? String(passes([filter], {})) : conditionOf(filter, dimensionSql(name));
}
