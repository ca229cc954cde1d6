import { contextNames } from "@trinity/aggregation/event-dimensions";
import { type Filter, passes } from "@trinity/aggregation/metric-query";
import { dimensionSql } from "./dimension-sql.ts";
import { conditionOf } from "./facts-where.ts";

/** @returns whether the context of an event passes the filters: never null, because whoever counts with it takes it for a number */
export function contextWhere(filters: readonly Filter[]): string {
  const conditions = filters.map((filter) => `(${conditionOfContext(filter)})`).join(" AND ");
  return conditions === "" ? "true" : `coalesce(${conditions}, false)`;
}

function conditionOfContext(filter: Filter): string {
  const name = contextNames.find((one) => one === filter.dimension);
  // A context has no value in any other dimension.
  return name === undefined ? String(passes([filter], {})) : conditionOf(filter, dimensionSql(name));
}
