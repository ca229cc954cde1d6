import type { CellDimension } from "@trinity/aggregation/dimension";
import type { LogTable } from "./log-table.ts";

/** Sums an expression, or counts the facts that meet a condition. */
export type FactSum = { readonly of: string } | { readonly where: string };

/** How SQL counts a measure: its second definition. */
export type MeasureSql = {
  readonly table: LogTable;
  /** @returns a relation of the facts, each with `atMs`; what follows is SQL over it. */
  readonly facts: (rows: string) => string;
  /** Which facts count. */
  readonly where: string;
  readonly dimension: (name: CellDimension) => string;
  /** What each component sums. The first one counts facts. */
  readonly sums: Readonly<Record<number, FactSum>>;
  /** Of a histogram: the bin of a fact, and the component of bin 0. */
  readonly bin?: { readonly of: string; readonly first: number };
  /** The components are users, each with the only sum. */
  readonly countsUsers?: true;
};

/** @returns the aggregate of a group of facts */
export function sumSql(sum: FactSum): string {
  return "of" in sum ? `sum(${sum.of})` : `count(*) FILTER (${sum.where})`;
}
