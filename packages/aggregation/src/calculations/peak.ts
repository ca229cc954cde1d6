import type { AccumulatedSeries } from "../accumulator.ts";
import type { AccumulatorsByName } from "../accumulators.ts";
import { AmountSum } from "../amount-sum.ts";
import { bucketStart, tierMs } from "../bucket.ts";
import { dimensionsOfMeasure, type Measure } from "../measure.ts";
import type { ResolvedQuery } from "../resolved-query.ts";
import { openRows } from "../rows/rows-of-number.ts";
import type { CountWindow, SubQuery } from "../sub-query.ts";
import type { Calculation } from "./calculation.ts";
import { totalOf } from "./components.ts";
import { seriesByKey } from "./series-by-key.ts";

type LevelMeasures = {
  /** Changes of the level, by the minute of the UTC day. */
  readonly flow: Measure;
  /** The same, summed by the day. */
  readonly balance: Measure;
};
type SubQueryName = keyof LevelMeasures;

/** The highest level of any minute. */
export function peak({ flow, balance }: LevelMeasures): Calculation<SubQueryName> {
  return {
    description: "exact maximum over the minutes",
    measures: [flow, balance],
    // Not those of the clock: an open session is open over many hours.
    dimensions: dimensionsOfMeasure(flow),
    parameter: null,
    finestGranularity: "minute",
    isAdditive: false,
    emptyValue: { value: 0 },
    kind: () => "peak",
    subQueries: (resolved) => subQueriesOf(resolved, { flow, balance }),
    series: ({ buckets, total }, sums) => {
      const days = daysIn(sums);
      return seriesByKey([sums.amounts("flow").series(), sums.amounts("balance").series()]).map(
        ({ key, by, series: [changes, carried] }) => {
          const level = levelOf(days, changes, carried);
          const highest = ({ countFromMs, countToMs }: CountWindow) => ({ value: level.highest(countFromMs, countToMs) });
          return { key, by, points: buckets.map(highest), total: highest(total) };
        },
      );
    },
    rows: (plan) => openRows(plan, { flow: "flow", balance: "balance" }, (sums) => minuteOfPeak(plan, sums)),
  };
}

/** A day before any event, which every store can represent. */
const beginningMs = -50_000 * tierMs.day;

/** The changes on each UTC day that the range touches, and the level at the start of the first. */
function subQueriesOf({ query, total }: ResolvedQuery, { flow, balance }: LevelMeasures): readonly SubQuery<SubQueryName>[] {
  const { by, filters } = query;
  const fromMs = bucketStart("day", total.countFromMs);
  const days = daysOf(total.countFromMs, total.countToMs);
  const before = { countFromMs: beginningMs, countToMs: fromMs };
  const all = { countFromMs: fromMs, countToMs: days.at(-1)?.countToMs ?? fromMs };
  return [
    { name: "flow", reads: "amounts", measure: flow, by, filters, windows: days, total: all },
    { name: "balance", reads: "amounts", measure: balance, by, filters, windows: [before], total: before },
  ];
}

function daysOf(fromMs: number, toMs: number): readonly CountWindow[] {
  const days: CountWindow[] = [];
  for (let startMs = bucketStart("day", fromMs); startMs < toMs; startMs += tierMs.day) {
    days.push({ countFromMs: startMs, countToMs: startMs + tierMs.day });
  }
  return days;
}

/** @returns the first minute at which the total of a query without `by` is reached */
function minuteOfPeak({ total }: ResolvedQuery, sums: AccumulatorsByName<SubQueryName>): number {
  const level = levelOf(daysIn(sums), sums.amounts("flow").series()[0], sums.amounts("balance").series()[0]);
  return level.minuteOfHighest(total.countFromMs, total.countToMs);
}

function daysIn(sums: AccumulatorsByName<SubQueryName>): readonly number[] {
  return sums.amounts("flow").subQuery.windows.map(({ countFromMs }) => countFromMs);
}

function levelOf(
  days: readonly number[],
  changes: AccumulatedSeries<AmountSum> | undefined,
  carried: AccumulatedSeries<AmountSum> | undefined,
): LevelByMinute {
  return new LevelByMinute(totalOf(carried?.total ?? emptySum, "all"), days, changes?.windows ?? []);
}

const emptySum = new AmountSum();
const minutesOfDay = tierMs.day / tierMs.minute;

/** How many are open in each minute of days that follow each other. */
class LevelByMinute {
  readonly #days: readonly DayLevel[];

  constructor(initially: number, days: readonly number[], changesOfDay: readonly AmountSum[]) {
    let level = initially;
    this.#days = days.map((startMs, i) => {
      const day = new DayLevel(startMs, level, changesOfDay[i] ?? emptySum);
      level = day.finally;
      return day;
    });
  }

  /** @returns the highest level of the minutes that a range touches; 0 for an empty range */
  highest(fromMs: number, toMs: number): number {
    if (fromMs >= toMs) return 0;
    const firstMs = this.#days[0]?.startMs ?? fromMs;
    let highest = Number.NEGATIVE_INFINITY;
    for (let i = Math.floor((fromMs - firstMs) / tierMs.day); i < this.#days.length; i++) {
      const day = this.#days[i] as DayLevel;
      if (day.startMs >= toMs) break;
      highest = Math.max(highest, day.highestIn(fromMs, toMs));
    }
    return highest;
  }

  /** @returns the first minute of a range at which its highest level is reached */
  minuteOfHighest(fromMs: number, toMs: number): number {
    const highest = this.highest(fromMs, toMs);
    for (const day of this.#days) {
      const minuteMs = day.firstMinuteAt(highest, fromMs, toMs);
      if (minuteMs !== null) return minuteMs;
    }
    return bucketStart("minute", fromMs);
  }
}

/** One UTC day of it. Single minutes are looked at only when a bucket cuts the day. */
class DayLevel {
  readonly startMs: number;
  readonly finally: number;
  readonly #initially: number;
  readonly #changes: AmountSum;
  readonly #highest: number;
  #levels: readonly number[] | null = null;

  constructor(startMs: number, initially: number, changes: AmountSum) {
    this.startMs = startMs;
    this.#initially = initially;
    this.#changes = changes;
    let level = initially;
    let highest = changes.at(0) === 0 ? initially : Number.NEGATIVE_INFINITY;
    changes.forEachIn(0, minutesOfDay, (_, change) => {
      level += change;
      highest = Math.max(highest, level);
    });
    this.finally = level;
    this.#highest = highest;
  }

  highestIn(fromMs: number, toMs: number): number {
    if (fromMs <= this.startMs && toMs >= this.startMs + tierMs.day) return this.#highest;
    let highest = Number.NEGATIVE_INFINITY;
    for (const { level } of this.#minutesIn(fromMs, toMs)) highest = Math.max(highest, level);
    return highest;
  }

  /** @returns `null` when no minute of the range has the level */
  firstMinuteAt(wanted: number, fromMs: number, toMs: number): number | null {
    for (const { minute, level } of this.#minutesIn(fromMs, toMs)) if (level === wanted) return this.startMs + minute * tierMs.minute;
    return null;
  }

  *#minutesIn(fromMs: number, toMs: number): Generator<{ readonly minute: number; readonly level: number }> {
    this.#levels ??= this.#levelsByMinute();
    const end = Math.min(minutesOfDay, Math.ceil((toMs - this.startMs) / tierMs.minute));
    for (let minute = Math.max(0, Math.floor((fromMs - this.startMs) / tierMs.minute)); minute < end; minute++)
      yield { minute, level: this.#levels[minute] ?? this.finally };
  }

  /** @returns the level of each minute, up to the last change */
  #levelsByMinute(): readonly number[] {
    const levels: number[] = [];
    let level = this.#initially;
    this.#changes.forEachIn(0, minutesOfDay, (minute, change) => {
      while (levels.length < minute) levels.push(level);
      levels.push((level += change));
    });
    return levels;
  }
}
