import type { Accumulator } from "@trinity/aggregation/accumulator";
import type { Calendar } from "@trinity/aggregation/calendar";
import { valueSeparator } from "@trinity/aggregation/cell";
import type { Contribution } from "@trinity/aggregation/contribution";
import { type CellDimension, clockDimensions, type Dimensions, multiValued, unknownValue } from "@trinity/aggregation/dimension";
import { logRangesOf, type SubQueryPlan } from "@trinity/aggregation/sub-query";
import { isInAny, joinTimeRanges, lengthOf, type TimeRange } from "@trinity/aggregation/time-range";
import type { UserSet } from "@trinity/aggregation/user-set";
import { mapConcurrently } from "@trinity/runtime/limiter";
import type { ColumnValues, SqlValue, Statement } from "./engine/engine.ts";
import { factsWhere } from "./facts-where.ts";
import { inAnyOf } from "./in-any-of.ts";
import type { LogColumns } from "./log-columns.ts";
import { allTime, type BinSql, type FactSum, type MeasureSql, sumSql } from "./measure-sql.ts";
import { measureSql } from "./measures-in-sql.ts";
import { areParts, type Slots, slotSql, slotsOf } from "./slots.ts";

/** One question may need hundreds of statements: they must not take all places where those of others wait. */
const statementsAtOnce = 4;

/** What is counted from columns: for one sub-query, its facts of the log. */
export type FactCount = {
  readonly accumulator: Accumulator;
  readonly calendar: Calendar;
  /** Only these users count; null for all facts. */
  readonly userFilter: UserSet | null;
};

/**
 * Counts the facts of sub-queries by SQL: the engine adds up the facts of each slot and combination of dimensions, the accumulator takes each
 * sum as one fact. Those that differ only in their ranges share a statement.
 * @returns the accumulators that were filled: to one whose sub-query cannot be counted so, or reads nothing of the log, nothing was added
 * @throws {EngineError}
 */
export async function countFacts(
  columns: LogColumns,
  counts: readonly FactCount[],
  throughSeq: number,
  signal?: AbortSignal,
): Promise<ReadonlySet<Accumulator>> {
  const statements = [...Map.groupBy(counts, ({ userFilter }) => userFilter)].flatMap(([userFilter, alike]) => plansOf(alike, userFilter));
  const filled = await mapConcurrently(statements, statementsAtOnce, async (plan) => {
    const { accumulators, ranges, measure } = plan;
    const { table, time, reads } = measure;
    const question = { table, time, throughSeq, ranges: reads === "range" ? ranges : [allTime] };
    const values = await columns.read({ ...question, statement: (rows) => statementOf(plan, rows) }, signal);
    if (values === null) return [];
    for (const contribution of contributionsOf(plan, values))
      for (const accumulator of accumulators) accumulator.addContribution(contribution);
    return accumulators;
  });
  return new Set(filled.flat());
}

/** @returns one plan for all sub-queries that need the same sums of the same facts by the same slots and dimensions */
function plansOf(counts: readonly FactCount[], userFilter: UserSet | null): readonly CountPlan[] {
  const plans = new Map<string, CountPlan>();
  for (const { accumulator, calendar } of counts) {
    const { subQuery } = accumulator;
    const { filters, componentsBelow } = subQuery;
    const measure = measureSql(subQuery.measure);
    const ranges = logRangesOf(subQuery);
    const slots = slotsOf(subQuery, () => calendar.hasWholeQuarters(ranges[0]?.fromMs ?? 0, ranges.at(-1)?.toMs ?? 0));
    if (slots === null || ranges.length === 0) continue;
    const dimensions = dimensionsOf(subQuery);
    const key = JSON.stringify([subQuery.measure.name, dimensions, filters, componentsBelow, slots]);
    const { accumulators, ranges: others } = plans.get(key) ?? { accumulators: [], ranges: [] };
    const plan = { accumulators: [...accumulators, accumulator], ranges: piecesOf([...others, ...ranges]) };
    const filterKeys = new Set(filters.map((filter) => JSON.stringify(filter)));
    plans.set(key, { ...plan, subQuery, filterKeys, measure, slots, dimensions, userFilter, ...componentsOf(subQuery, measure) });
  }
  return joined([...plans.values()]);
}

/** Leaves out plans whose facts the rows of another give as well, and counts them by those. */
function joined(plans: readonly CountPlan[]): readonly CountPlan[] {
  const kept: CountPlan[] = [];
  for (const plan of plans.toSorted((a, b) => b.dimensions.length - a.dimensions.length || a.filterKeys.size - b.filterKeys.size)) {
    const host = kept.findIndex((other) => givesAll(other, plan));
    if (host === -1) kept.push(plan);
    else kept[host] = withAccumulators(kept[host] as CountPlan, plan);
  }
  return kept;
}

function givesAll(host: CountPlan, plan: CountPlan): boolean {
  const isWithin = (ranges: readonly TimeRange[]) => lengthOf(piecesOf([...host.ranges, ...ranges])) === lengthOf(host.ranges);
  return (
    host.subQuery.measure.name === plan.subQuery.measure.name &&
    plan.dimensions.every((name) => host.dimensions.includes(name)) &&
    [...host.filterKeys].every((key) => plan.filterKeys.has(key)) &&
    plan.sums.length <= host.sums.length &&
    plan.bins.length <= host.bins.length &&
    areParts(host.slots, plan.slots) &&
    isWithin(plan.ranges)
  );
}

function withAccumulators(host: CountPlan, { accumulators, ranges }: CountPlan): CountPlan {
  return { ...host, accumulators: [...host.accumulators, ...accumulators], ranges: piecesOf([...host.ranges, ...ranges]) };
}

/** @returns the same times, cut wherever one of the ranges begins or ends: ascending and disjoint */
function piecesOf(ranges: readonly TimeRange[]): readonly TimeRange[] {
  const ends = [...new Set(ranges.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))].sort((a, b) => a - b);
  const whole = joinTimeRanges(ranges);
  return ends.slice(1).flatMap((toMs, i) => {
    const fromMs = ends[i] as number;
    return isInAny(whole, fromMs) ? [{ fromMs, toMs }] : [];
  });
}

type CountPlan = {
  readonly accumulators: readonly Accumulator[];
  /** What any of them counts, in pieces that each of them counts whole or not at all. Ascending and disjoint. */
  readonly ranges: readonly TimeRange[];
  readonly userFilter: UserSet | null;
  readonly subQuery: Pick<SubQueryPlan, "measure" | "filters">;
  /** Its filters, to compare them. */
  readonly filterKeys: ReadonlySet<string>;
  readonly measure: MeasureSql;
  readonly slots: Slots;
  /** The stored dimensions that the sub-query needs. */
  readonly dimensions: readonly CellDimension[];
  /** The sums that it needs, and always that of component 0, which counts facts. */
  readonly sums: readonly (readonly [component: number, sum: FactSum])[];
  /** The histograms that it needs. */
  readonly bins: readonly BinSql[];
};

function dimensionsOf({ by, filters }: SubQueryPlan): readonly CellDimension[] {
  return [...new Set([...by, ...filters.map(({ dimension }) => dimension)])].filter((name) => !clockDimensions.has(name));
}

function componentsOf({ componentsBelow = Number.POSITIVE_INFINITY }: SubQueryPlan, { sums, bins = [] }: MeasureSql) {
  const all = Object.entries(sums).map(([component, sum]) => [Number(component), sum] as const);
  return {
    sums: all.filter(([component]) => component === 0 || component < componentsBelow),
    bins: bins.filter(({ first }) => first < componentsBelow),
  };
}

function statementOf({ subQuery, measure, slots, dimensions, sums, bins, ranges, userFilter }: CountPlan, rows: string): Statement {
  const keys = [
    rangeSql(ranges),
    slotSql(slots),
    ...dimensions.map((name) => measure.dimension(name)),
    ...(measure.component === undefined ? [] : [measure.component]),
    ...bins.map(({ of }) => of),
  ];
  const columns = [...dimensions, ...(userFilter === null ? [] : (["userNumber"] as const))];
  // The accumulator filters as well: here it makes fewer groups.
  const { where: counts, parameters } = factsWhere({ subQuery, measure, userFilter });
  const where = measure.reads === "range" ? counts : `${inAnyOf(ranges)} AND ${counts}`;
  const facts = `${measure.facts(rows, columns)} WHERE ${where}`;
  const places = keys.map((_, i) => i + 1).join(", ");
  const counted = countedBy(sums);
  if (counted.length === 0) {
    const values = sums.map(([, sum]) => `(${sumSql(sum)})::DOUBLE`);
    return { sql: `SELECT ${[...keys, ...values].join(", ")} FROM ${facts} GROUP BY ${places}`, parameters };
  }
  // To look at each condition for each fact takes longer than to count the facts of all that it depends on.
  const groups = `SELECT ${[...keys.map((key, i) => `${key} AS k${i}`), ...counted].join(", ")}, count(*) AS facts FROM ${facts} GROUP BY ALL`;
  const values = sums.map(([, sum]) => `coalesce(sum(facts) FILTER (${"where" in sum ? sum.where : "false"}), 0)::DOUBLE`);
  return { sql: `SELECT ${[...keys.map((_, i) => `k${i}`), ...values].join(", ")} FROM (${groups}) GROUP BY ${places}`, parameters };
}

/** @returns the columns that all sums depend on; none where a sum depends on others */
function countedBy(sums: CountPlan["sums"]): readonly string[] {
  const columns = sums.map(([, sum]) => ("where" in sum ? sum.by : undefined));
  return columns.includes(undefined) ? [] : [...new Set(columns.flatMap((names) => names ?? []))];
}

/** The index of the range that an event is in. */
function rangeSql(ranges: readonly TimeRange[]): string {
  if (ranges.length === 1) return "0";
  return `CASE ${ranges.map(({ toMs }, i) => `WHEN atMs < ${toMs} THEN ${i}`).join(" ")} END`;
}

function* contributionsOf(
  { subQuery, measure, slots, dimensions, sums, bins, ranges }: CountPlan,
  columns: ColumnValues,
): Generator<Contribution> {
  const rows = columns[0]?.length ?? 0;
  const at = (column: number, row: number) => (columns[column] as readonly SqlValue[])[row] as SqlValue;
  for (let row = 0; row < rows; row++) {
    const range = ranges[at(0, row) as number] as TimeRange;
    const slotMs = slots.startMs + (at(1, row) as number) * slots.lengthMs;
    let column = 2;
    const values = dimensions.map((name) => [name, valueOf(name, at(column++, row))] as const);
    const amounts: number[] = [];
    const onlyComponent = measure.component === undefined ? null : (at(column++, row) as number);
    const filled = bins.map(({ first }) => ({ first, bin: at(column++, row) as number | null }));
    const facts = at(column, row) as number;
    for (const [component] of sums) amounts.push(onlyComponent ?? component, at(column++, row) as number);
    for (const { first, bin } of filled) if (bin !== null) amounts.push(first + bin, facts);
    yield {
      measure: subQuery.measure.name,
      // A slot may begin before the range.
      atMs: Math.max(slotMs, range.fromMs),
      dimensions: Object.fromEntries(values) as Dimensions,
      amounts,
    };
  }
}

/** A genre that is listed twice is one. */
function valueOf(name: CellDimension, value: SqlValue): SqlValue {
  if (value === null) return unknownValue;
  return multiValued.has(name) ? [...new Set((value as string).split(valueSeparator))] : value;
}
