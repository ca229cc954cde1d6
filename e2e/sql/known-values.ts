import type { DimensionName } from "@trinity/aggregation/dimension";
import type { Cut } from "./buckets.ts";
import type { SqlOracle } from "./sql-oracle.ts";

/** A metric whose facts have all values of a dimension. */
const shownBy: Readonly<Record<string, readonly string[]>> = {
  events: ["eventType", "platform", "deviceType", "locale", "appVersion", "source", "ageBand", "hourOfDay", "weekday"],
  votes: ["genre", "mediaType", "releaseDecade", "contentId", "recommended"],
  new_users: ["favouriteGenre"],
  rooms_ended: ["roomSize", "ending"],
  requests: ["service", "route", "statusClass"],
  ingested_events: ["outcome", "reason"],
  resource_usage: ["resource"],
};

/** @returns the values that a dimension has in a world */
export async function knownValues(oracle: SqlOracle, cut: Cut, asOfMs: number): Promise<(dimension: DimensionName) => readonly string[]> {
  const known = new Map<string, readonly string[]>();
  for (const [metric, dimensions] of Object.entries(shownBy)) {
    for (const dimension of dimensions) {
      const query = { ...cut, metric, by: [dimension as DimensionName], filters: [], statistic: "mean", windowDays: 1 } as const;
      known.set(dimension, [...(await oracle.answer(query, asOfMs)).lines.keys()].sort());
    }
  }
  return (dimension) => known.get(dimension) ?? [];
}
