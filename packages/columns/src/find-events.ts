import type { Components } from "@trinity/aggregation/components";
import { clockDimensions } from "@trinity/aggregation/dimension";
import type { SubQueryPlan } from "@trinity/aggregation/sub-query";
import type { TimeRange } from "@trinity/aggregation/time-range";
import type { UserSet } from "@trinity/aggregation/user-set";
import { eventTable, type PlacedEvent } from "./event-table.ts";
import { factsWhere } from "./facts-where.ts";
import type { ColumnsQuestion, LogColumns } from "./log-columns.ts";
import type { MeasureSql } from "./measure-sql.ts";
import { measureSql } from "./measures-in-sql.ts";

/** The next events that a sub-query counts, in the order of the log. */
export type WantedEvents = {
  readonly subQuery: SubQueryPlan;
  /** Only events that add to one of these components. */
  readonly components: Components;
  readonly ranges: readonly TimeRange[];
  readonly userFilter: UserSet | null;
  readonly throughSeq: number;
  /** The event before the first one; null for the first page. */
  readonly after: { readonly seq: number; readonly index: number } | null;
  readonly limit: number;
};

/** Where an event is in the log, and the number of its user. */
export type EventPlace = Omit<PlacedEvent, "event">;

/**
 * Finds where they are. Their contents are read from their chunks: of a file of columns much would be decoded for few of them.
 * @returns null where they cannot be found so: the sub-query is not about single events, or filters by hour or weekday
 * @throws {EngineError}
 */
export async function findEvents(columns: LogColumns, wanted: WantedEvents, signal?: AbortSignal): Promise<readonly EventPlace[] | null> {
  const { subQuery, ranges, throughSeq } = wanted;
  if (subQuery.measure.origin !== "events" || subQuery.filters.some(({ dimension }) => clockDimensions.has(dimension))) return null;
  const statement = statementOf(wanted, measureSql(subQuery.measure));
  const found = await columns.read({ table: eventTable, throughSeq, ranges, statement }, signal);
  if (found === null) return null;
  const [seqs = [], indexes = [], userNumbers = []] = found as readonly (readonly (number | null)[])[];
  return seqs.map((seq, i) => ({ seq: seq as number, index: indexes[i] as number, userNumber: userNumbers[i] ?? null }));
}

function statementOf({ components, after, limit, ...wanted }: WantedEvents, measure: MeasureSql): ColumnsQuestion["statement"] {
  const { where, parameters } = factsWhere({ ...wanted, measure });
  const adds = Object.entries(measure.sums).flatMap(([component, sum]) =>
    "where" in sum && (components === "all" || components.includes(Number(component))) ? [`(${sum.where})`] : [],
  );
  // Files and their parts are left out by a single column only.
  const follows = after === null ? "true" : `seq >= ${after.seq} AND (seq, "index") > (${after.seq}, ${after.index})`;
  const conditions = `${where} AND (${adds.join(" OR ") || "false"}) AND ${follows}`;
  return (rows) => ({
    sql: `SELECT seq::DOUBLE, "index", userNumber FROM ${rows} WHERE ${conditions} ORDER BY seq, "index" LIMIT ${limit}`,
    parameters,
  });
}
