import type { Components } from "@trinity/aggregation/components";
import { clockDimensions } from "@trinity/aggregation/dimension";
import type { SubQueryPlan } from "@trinity/aggregation/sub-query";
import type { TimeRange } from "@trinity/aggregation/time-range";
import type { UserSet } from "@trinity/aggregation/user-set";
import type { ColumnValues, SqlValue } from "./engine/engine.ts";
import { eventTable, type PlacedEvent } from "./event-table.ts";
import { factsWhere } from "./facts-where.ts";
import type { ColumnsQuestion, LogColumns } from "./log-columns.ts";
import type { MeasureSql } from "./measure-sql.ts";
import { measureSql } from "./measures-in-sql.ts";
import { storedColumns, storedEventOf } from "./stored-event.ts";

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

/**
 * @returns null where they cannot be found so: the sub-query is not about single events, or filters by hour or weekday
 * @throws {EngineError}
 */
export async function findEvents(columns: LogColumns, wanted: WantedEvents, signal?: AbortSignal): Promise<readonly PlacedEvent[] | null> {
  const { subQuery, ranges, throughSeq } = wanted;
  if (subQuery.measure.origin !== "events" || subQuery.filters.some(({ dimension }) => clockDimensions.has(dimension))) return null;
  const question = { table: eventTable, throughSeq, ranges };
  const keys = await columns.read({ ...question, statement: keysStatement(wanted, measureSql(subQuery.measure)) }, signal);
  if (keys === null) return null;
  if ((keys[0] ?? []).length === 0) return [];
  const values = await columns.read({ ...question, statement: contentsStatement(keys) }, signal);
  if (values === null) return null;
  const [seqs = [], ...others] = values;
  return seqs.map((seq, i) => {
    const [index, userNumber, ...event] = others.map((column) => column[i] as SqlValue);
    return { seq: seq as number, index: index as number, userNumber: userNumber as number | null, event: storedEventOf(event) };
  });
}

/** Where the events are. To read their contents in the same statement takes three times as long: the engine looks for them in all files. */
function keysStatement({ components, after, limit, ...wanted }: WantedEvents, measure: MeasureSql): ColumnsQuestion["statement"] {
  const { where, parameters } = factsWhere({ ...wanted, measure });
  const adds = Object.entries(measure.sums).flatMap(([component, sum]) =>
    "where" in sum && (components === "all" || components.includes(Number(component))) ? [`(${sum.where})`] : [],
  );
  // Files and their parts are left out by a single column only.
  const follows = after === null ? "true" : `seq >= ${after.seq} AND (seq, "index") > (${after.seq}, ${after.index})`;
  const conditions = `${where} AND (${adds.join(" OR ") || "false"}) AND ${follows}`;
  return (rows) => ({
    sql: `SELECT seq::DOUBLE, "index" FROM ${rows} WHERE ${conditions} ORDER BY seq, "index" LIMIT ${limit}`,
    parameters,
  });
}

function contentsStatement([seqs = [], indexes = []]: ColumnValues): ColumnsQuestion["statement"] {
  const keys = seqs.map((seq, i) => `(${seq}::BIGINT, ${indexes[i]})`).join(", ");
  return (rows) => ({
    sql: `
      SELECT seq::DOUBLE, "index", userNumber, ${storedColumns} FROM ${rows} JOIN (VALUES ${keys}) page(seq, "index") USING (seq, "index")
      ORDER BY seq, "index"`,
  });
}
