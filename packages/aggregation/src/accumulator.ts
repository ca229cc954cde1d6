import { AmountSum } from "./amount-sum.ts";
import type { Calendar } from "./calendar.ts";
import { type AmountCell, type UserCell, valueSeparator } from "./cell.ts";
import type { Contribution } from "./contribution.ts";
import { type DimensionName, type Dimensions, valuesOf } from "./dimension.ts";
import { FactFilter } from "./fact-filter.ts";
import { slidingUnions } from "./sliding-unions.ts";
import { type CountWindow, logRangesOf, type SubQueryPlan } from "./sub-query.ts";
import { isInAny, lastAtOrBefore, type TimeRange } from "./time-range.ts";
import { UserSet } from "./user-set.ts";
import type { Amounts, CellAmounts } from "./vector.ts";

/** The dimension values that a series is for. */
export type GroupKey = Readonly<Partial<Record<DimensionName, string>>>;

/** One series: the sum of each window, and the total. */
export type AccumulatedSeries<Sum> = {
  readonly key: string;
  readonly by: GroupKey;
  readonly windows: readonly Sum[];
  readonly total: Sum;
};

type Series<Sum> = { readonly by: GroupKey; readonly intervals: Map<number, Sum> };

/** A sub-query has more series than it may have. */
export class SeriesLimitError extends Error {
  override readonly name = "SeriesLimitError";
}

/**
 * Adds up the cells and facts that a sub-query reads, by series. Both sources give the same sums. Adding throws `SeriesLimitError` at the first
 * series beyond the limit: what is refused is not counted to its end.
 */
abstract class SubQueryAccumulator<Sum> {
  readonly subQuery: SubQueryPlan;
  readonly #filter: FactFilter;
  readonly #logRanges: readonly TimeRange[];
  readonly #series = new Map<string, Series<Sum>>();
  /** Where cells of a value count: many buckets have the same. */
  readonly #seriesOfValue = new Map<string, readonly Series<Sum>[]>();
  readonly #seriesMax: number;

  constructor(subQuery: SubQueryPlan, calendar: Calendar, seriesMax: number) {
    this.subQuery = subQuery;
    this.#seriesMax = seriesMax;
    this.#filter = new FactFilter(subQuery, calendar);
    this.#logRanges = logRangesOf(subQuery);
    if (subQuery.by.length === 0) this.#seriesOf([]);
  }

  /** Whether no fact counted. */
  get isEmpty(): boolean {
    return [...this.#series.values()].every(({ intervals }) => intervals.size === 0);
  }

  /** Counts what the sub-query reads from the log; cells give the rest. */
  addContribution(contribution: Contribution): void {
    const { atMs, dimensions, amounts } = contribution;
    if (!this.#filter.isAbout(contribution) || !isInAny(this.#logRanges, atMs)) return;
    for (const series of this.#seriesAt(atMs, dimensions)) this.addAmounts(this.#sumAt(series, atMs), amounts);
  }

  /** @returns the series in order of their keys; a sub-query without `by` always has one */
  series(): readonly AccumulatedSeries<Sum>[] {
    const { windows, total } = this.subQuery;
    return [...this.#series]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, { by, intervals }]) => ({
        key,
        by,
        windows: this.sums(intervals, windows),
        total: this.sums(intervals, [total])[0] as Sum,
      }));
  }

  /** @returns the sums that a cell between the boundaries is added to */
  protected sumsAt(bucketMs: number, value: string): readonly Sum[] {
    let found = this.#seriesOfValue.get(value);
    if (found === undefined) {
      found = this.#seriesAt(bucketMs, this.#dimensionsOf(value));
      if (!this.#filter.readsClock) this.#seriesOfValue.set(value, found);
    }
    return found.map((series) => this.#sumAt(series, bucketMs));
  }

  /** The last boundary at or before an instant. */
  protected indexAt(atMs: number): number {
    return lastAtOrBefore(this.subQuery.boundaries, atMs);
  }

  protected abstract create(): Sum;
  protected abstract addAmounts(sum: Sum, amounts: Amounts): void;
  protected abstract sums(intervals: ReadonlyMap<number, Sum>, windows: readonly CountWindow[]): readonly Sum[];

  #seriesAt(atMs: number, dimensions: Dimensions): readonly Series<Sum>[] {
    const counted = this.#filter.countedAs(atMs, dimensions);
    return counted === null ? [] : combinations(this.subQuery.by, counted).map((values) => this.#seriesOf(values));
  }

  #sumAt({ intervals }: Series<Sum>, atMs: number): Sum {
    const interval = this.indexAt(atMs);
    let sum = intervals.get(interval);
    if (sum === undefined) intervals.set(interval, (sum = this.create()));
    return sum;
  }

  #dimensionsOf(value: string): Dimensions {
    if (this.subQuery.source.kind !== "rollups") throw new TypeError("this sub-query reads the log");
    const values = value.split(valueSeparator);
    return Object.fromEntries(this.subQuery.source.set.dimensions.map((name, i) => [name, values[i] as string])) as Dimensions;
  }

  #seriesOf(values: readonly string[]): Series<Sum> {
    const key = values.join(valueSeparator);
    let series = this.#series.get(key);
    if (series === undefined) {
      if (this.#series.size >= this.#seriesMax) throw new SeriesLimitError(`more than ${this.#seriesMax} series`);
      const by = Object.fromEntries(this.subQuery.by.map((name, i) => [name, values[i] as string]));
      this.#series.set(key, (series = { by, intervals: new Map() }));
    }
    return series;
  }
}

/** Adds up amounts. */
export class AmountAccumulator extends SubQueryAccumulator<AmountSum> {
  addCell({ bucketMs, value, amounts }: AmountCell): void {
    for (const sum of this.sumsAt(bucketMs, value)) this.addAmounts(sum, amounts);
  }

  protected create(): AmountSum {
    return new AmountSum();
  }

  protected addAmounts(sum: AmountSum, amounts: Amounts | CellAmounts): void {
    sum.add(amounts, this.subQuery.componentsBelow);
  }

  protected sums(intervals: ReadonlyMap<number, AmountSum>, windows: readonly CountWindow[]): readonly AmountSum[] {
    return windows.map(({ countFromMs, countToMs }) => {
      const sums: AmountSum[] = [];
      for (let i = this.indexAt(countFromMs); i < this.indexAt(countToMs); i++) {
        const sum = intervals.get(i);
        if (sum !== undefined) sums.push(sum);
      }
      // Sums are only read from here on, so a single one is not copied.
      return sums.length === 1 ? (sums[0] as AmountSum) : AmountSum.sumOf(sums);
    });
  }
}

/** Collects distinct users; amounts do not matter. */
export class UserAccumulator extends SubQueryAccumulator<UserSet> {
  addCell({ bucketMs, value, users }: UserCell): void {
    if (!users.isEmpty) for (const sum of this.sumsAt(bucketMs, value)) sum.addAll(users);
  }

  protected create(): UserSet {
    return new UserSet();
  }

  protected addAmounts(sum: UserSet, amounts: Amounts): void {
    for (let i = 0; i < amounts.length; i += 2) sum.add(amounts[i] as number);
  }

  protected sums(intervals: ReadonlyMap<number, UserSet>, windows: readonly CountWindow[]): readonly UserSet[] {
    const ranges = windows.map(({ countFromMs, countToMs }) => [this.indexAt(countFromMs), this.indexAt(countToMs)] as const);
    return slidingUnions((i) => intervals.get(i), ranges);
  }
}

export type Accumulator = AmountAccumulator | UserAccumulator;

function combinations(names: readonly DimensionName[], dimensions: Dimensions): readonly (readonly string[])[] {
  return names.reduce<readonly (readonly string[])[]>(
    (prefixes, name) => prefixes.flatMap((prefix) => valuesOf(dimensions, name).map((value) => [...prefix, value])),
    [[]],
  );
}
