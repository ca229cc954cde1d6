import { type Tier, tierMs } from "@trinity/aggregation/bucket";
import { type CellKey, valueSeparator } from "@trinity/aggregation/cell";
import { type CellDimension, multiValued, unknownValue } from "@trinity/aggregation/dimension";
import type { DimensionSet, Measure } from "@trinity/aggregation/measure";
import type { TimeRange } from "@trinity/aggregation/time-range";
import { type Amounts, addAmounts, type Vector } from "@trinity/aggregation/vector";
import { valuesOf } from "./dimension-sql.ts";
import type { ColumnValues, SqlValue } from "./engine/engine.ts";
import type { LogColumns } from "./log-columns.ts";
import { allTime, type MeasureSql, sumSql } from "./measure-sql.ts";
import { measureSql } from "./measures-in-sql.ts";
import { text } from "./sql-text.ts";
import { userDigestNames, userDigestSql } from "./user-digest.ts";

/** The cells of a measure, in all its dimension sets and tiers, whose buckets start in the ranges. */
export type WantedCells = {
  readonly measure: Measure;
  /** Whole days: ascending, disjoint, none empty. */
  readonly ranges: readonly TimeRange[];
  /** Cells by the minute are kept from here on. */
  readonly minutesFromMs: number;
  /** The last chunk that counts. It must be folded. */
  readonly throughSeq: number;
};

/** A cell as SQL derives it: the sum of each component, or the digest of its users. */
export type DerivedCell = CellKey & { readonly sums: Vector };

/** Whether SQL makes the facts of a measure of all events, however few days are asked for. */
export function readsAllEvents(measure: Measure): boolean {
  return measureSql(measure).reads === "all";
}

/**
 * Derives cells from the events, and not from what the fold made of them: by SQL, which shares no code with the fold.
 * @returns the cells that are not empty, in no order; null when the log cannot be read as columns now
 * @throws {EngineError}
 */
export async function deriveCells(columns: LogColumns, wanted: WantedCells, signal?: AbortSignal): Promise<readonly DerivedCell[] | null> {
  const { throughSeq } = wanted;
  const measure = measureSql(wanted.measure);
  const ranges = measure.reads === "range" ? wanted.ranges : [allTime];
  const derived: (readonly DerivedCell[])[] = [];
  // A fact with several values counts once under each, but only in the sets that have the dimension.
  const multiValuedOf = ({ dimensions }: DimensionSet) => dimensions.filter((name) => multiValued.has(name)).join();
  for (const alike of Map.groupBy(wanted.measure.sets, multiValuedOf).values()) {
    const grouping = groupingOf(alike);
    const statement = (rows: string) => ({ sql: statementOf(wanted, measure, grouping, rows) });
    const { table, time } = measure;
    const values = await columns.read({ table, time, throughSeq, ranges, statement }, signal);
    if (values === null) return null;
    derived.push(cellsOf(wanted, measure, grouping, values));
  }
  return derived.flat();
}

/** What one statement groups by: each of `kept` is a grouping set, of the bucket of its tier and of its dimensions. */
type Grouping = {
  readonly kept: readonly { readonly set: DimensionSet; readonly tier: Tier }[];
  readonly dimensions: readonly CellDimension[];
};

function groupingOf(sets: readonly DimensionSet[]): Grouping {
  const kept = sets.flatMap((set) => set.tiers.map((tier) => ({ set, tier })));
  return { kept, dimensions: [...new Set(sets.flatMap(({ dimensions }) => dimensions))] };
}

const bucketColumn = { minute: "cellMinute", hour: "cellHour", day: "cellDay" } as const satisfies Record<Tier, string>;

/** The facts, each with the start of its bucket in each tier, its values, and what else its component depends on. */
function factsSql({ ranges, minutesFromMs }: WantedCells, measure: MeasureSql, { dimensions }: Grouping, rows: string): string {
  // The unknown value and a text that says the same are one cell; of its users only a digest is known afterwards.
  const known = (name: CellDimension) => `coalesce(${measure.dimension(name)}, ${text(unknownValue)})`;
  const valueOf = (name: CellDimension) => (multiValued.has(name) ? `unnest(list_distinct(${valuesOf(known(name))}))` : known(name));
  const bucketOf = (tier: Tier) => `atMs // ${tierMs[tier]} * ${tierMs[tier]}`;
  const columns = [
    // Minutes that are not kept have no bucket.
    `if(atMs >= ${minutesFromMs}, ${bucketOf("minute")}, NULL) AS ${bucketColumn.minute}`,
    `${bucketOf("hour")} AS ${bucketColumn.hour}`,
    `${bucketOf("day")} AS ${bucketColumn.day}`,
    ...dimensions.map((name, i) => `${valueOf(name)} AS ${valueColumn(i)}`),
    ...componentsOf(measure).map((one, i) => `${one} AS ${componentColumn(i)}`),
  ];
  const inRanges = ranges.map(({ fromMs, toMs }) => `(atMs >= ${fromMs} AND atMs < ${toMs})`).join(" OR ");
  return `SELECT *, ${columns.join(", ")} FROM ${measure.facts(rows, dimensions)} WHERE (${inRanges}) AND (${measure.where})`;
}

const valueColumn = (i: number) => `cellValue${i}`;
const componentColumn = (i: number) => `cellComponent${i}`;

/** By what a row is grouped besides: the components that depend on the fact. */
function componentsOf({ component, bins = [] }: MeasureSql): readonly string[] {
  return [...(component === undefined ? [] : [component]), ...bins.map(({ of }) => of)];
}

function statementOf(wanted: WantedCells, measure: MeasureSql, grouping: Grouping, rows: string): string {
  const { kept, dimensions } = grouping;
  const buckets = [...new Set(kept.map(({ tier }) => bucketColumn[tier]))];
  const values = dimensions.map((_, i) => valueColumn(i));
  const components = componentsOf(measure).map((_, i) => componentColumn(i));
  const columnsOf = ({ set, tier }: Grouping["kept"][number]) => [
    bucketColumn[tier],
    ...set.dimensions.map((name) => valueColumn(dimensions.indexOf(name))),
  ];
  // A bit for each column, the first one the highest: 1 where a row is not grouped by it.
  const bitsOf = (grouped: readonly string[]) =>
    [...buckets, ...values].reduce((bits, column) => bits * 2 + (grouped.includes(column) ? 0 : 1), 0);
  const places = kept.map((one, i) => `WHEN ${bitsOf(columnsOf(one))} THEN ${i}`).join(" ");
  const keys = [
    `CASE grouping(${[...buckets, ...values].join(", ")}) ${places} END AS cellPlace`,
    // Only the bucket that a row is grouped by has a value.
    `coalesce(${buckets.join(", ")})::DOUBLE AS cellBucket`,
    ...values,
  ];
  const sums = isOfUsers(wanted) ? [] : Object.values(measure.sums).map((sum) => `(${sumSql(sum)})::DOUBLE`);
  const groupingSets = kept.map((one) => `(${[...columnsOf(one), ...components].join(", ")})`).join(", ");
  const cells = `
    SELECT ${[...keys, ...components, ...sums].join(", ")} FROM (${factsSql(wanted, measure, grouping, rows)})
    GROUP BY GROUPING SETS (${groupingSets}) HAVING cellBucket IS NOT NULL`;
  if (!isOfUsers(wanted)) return cells;
  return `SELECT ${["cellPlace", "cellBucket", ...values, ...userDigestSql(componentColumn(0))].join(", ")} FROM (${cells}) GROUP BY ALL`;
}

/** Whether the components are users: only a digest of them is compared. */
function isOfUsers({ measure }: WantedCells): boolean {
  return measure.components === "users";
}

function cellsOf(wanted: WantedCells, measure: MeasureSql, grouping: Grouping, columns: ColumnValues): readonly DerivedCell[] {
  const { kept, dimensions } = grouping;
  const at = (column: number, row: number) => (columns[column] as readonly SqlValue[])[row] as SqlValue;
  const amountsAt = isOfUsers(wanted) ? digestAt : sumsAt(measure);
  const cells = new Map<string, DerivedCell>();
  for (let row = 0; row < (columns[0]?.length ?? 0); row++) {
    const { set, tier } = kept[at(0, row) as number] as Grouping["kept"][number];
    const value = set.dimensions.map((name) => at(2 + dimensions.indexOf(name), row)).join(valueSeparator);
    const bucketMs = at(1, row) as number;
    const key = `${set.name} ${tier} ${bucketMs} ${value}`;
    const cell = cells.get(key) ?? { set: set.name, tier, bucketMs, value, sums: new Map<number, number>() };
    cells.set(key, cell);
    addAmounts(
      cell.sums,
      amountsAt((column) => at(2 + dimensions.length + column, row) as number | null),
      1,
    );
  }
  return [...cells.values()].filter(({ sums }) => sums.size > 0);
}

type ReadColumn = (column: number) => number | null;

function digestAt(at: ReadColumn): Amounts {
  return userDigestNames.flatMap((_, i) => [i, at(i) as number]);
}

/** @returns the amounts of a row, whose columns are in the order of `statementOf` */
function sumsAt({ component, bins = [], sums }: MeasureSql): (at: ReadColumn) => Amounts {
  const components = Object.keys(sums).map(Number);
  const binsFrom = component === undefined ? 0 : 1;
  const sumsFrom = binsFrom + bins.length;
  return (at) => [
    ...components.flatMap((name, i) => [component === undefined ? name : (at(0) as number), at(sumsFrom + i) as number]),
    ...bins.flatMap(({ first }, i) => {
      const bin = at(binsFrom + i);
      return bin === null ? [] : [first + bin, at(sumsFrom) as number];
    }),
  ];
}
