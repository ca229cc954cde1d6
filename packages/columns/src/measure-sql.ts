import type { CellDimension } from "@trinity/aggregation/dimension";
import type { LogTable } from "./log-table.ts";

/** How SQL counts a measure: its second definition. */
export type MeasureSql = {
  readonly table: LogTable;
  /** @returns a relation of the facts, each with `atMs`; what follows is SQL over it. */
  readonly facts: (rows: string) => string;
  /** Which facts count. */
  readonly where: string;
  readonly dimension: (name: CellDimension) => string;
  /** The sum of each component over a group of facts. The first one counts. */
  readonly sums: Readonly<Record<number, string>>;
  /** Of a histogram: the bin of a fact, and the component of bin 0. */
  readonly bin?: { readonly of: string; readonly first: number };
  /** The components are users, each with the only sum. */
  readonly countsUsers?: true;
};
