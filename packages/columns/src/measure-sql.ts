import type { CellDimension } from "@trinity/aggregation/dimension";
import type { TimeRange } from "@trinity/aggregation/time-range";
import type { EventColumn } from "./entity-sql.ts";
import type { LogTable, TimeColumn } from "./log-table.ts";

/** Sums an expression, or counts the facts that meet a condition; `by`: the condition depends on these columns alone, which have few values. */
export type FactSum = { readonly of: string } | { readonly where: string; readonly by?: readonly string[] };

/** How SQL counts a measure: its second definition. */
export type MeasureSql = {
  readonly table: LogTable;
  /** Which rows the facts of a range are made of: those with a time in it, or all rows, because an entity has events of any time. */
  readonly reads: "range" | "all";
  /** The column that is the time of a fact, where a row has several times. */
  readonly time?: TimeColumn;
  /**
   * @param columns which dimensions, and whether the user of a measure per user, are needed; others may be absent
   * @returns a relation of the facts, each with `atMs` and these columns; what follows is SQL over it
   */
  readonly facts: (rows: string, columns: readonly EventColumn[]) => string;
  /** Which facts count. */
  readonly where: string;
  readonly dimension: (name: CellDimension) => string;
  /** What each component sums. The first one counts facts. */
  readonly sums: Readonly<Record<number, FactSum>>;
  /** Histograms: the bin of a fact, null for a fact without one, and the component of bin 0. A bin adds what the first sum does. */
  readonly bins?: readonly BinSql[];
  /** The component that the only sum is of, where it depends on the fact: a user, or a minute of the day. */
  readonly component?: string;
};

export type BinSql = { readonly of: string; readonly first: number };

/** @returns the aggregate of a group of facts */
export function sumSql(sum: FactSum): string {
  return "of" in sum ? `coalesce(sum(${sum.of}), 0)` : `count(*) FILTER (${sum.where})`;
}

/** What a measure of entities reads: an entity has events of any time. */
export const allTime: TimeRange = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
