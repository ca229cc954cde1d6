import type { AccumulatedSeries, AmountAccumulator } from "../accumulator.ts";
import { AmountSum } from "../amount-sum.ts";
import { bucketStart, tierMs } from "../bucket.ts";
import type { Calculation } from "../metric.ts";
import type { MetricSeries } from "../metric-value.ts";
import type { ResolvedQuery } from "../resolved-query.ts";
import type { CountWindow, SubQuery } from "../sub-query.ts";
import { seriesByKey } from "./series-by-key.ts";
import { totalOf } from "./vector-calculation.ts";

type PeakCalculation = Extract<Calculation, { readonly kind: "peak" }>;

/** A day before any event: an instant that every store can hold. */
const beginningMs = -50_000 * tierMs.day;

/** The changes of level on each UTC day that the range touches, and the level at which the first of them begins. */
export function subQueriesOfPeak({ metric, query, total }: ResolvedQuery, { balance }: PeakCalculation): readonly SubQuery[] {
  const { by, filters } = query;
  const fromMs = bucketStart("day", total.countFromMs);
  const days = daysOf(total.countFromMs, total.countToMs);
  const before = { countFromMs: beginningMs, countToMs: fromMs };
  const all = { countFromMs: fromMs, countToMs: days.at(-1)?.countToMs ?? fromMs };
  return [
    { reads: "amounts", measure: metric.measure, by, filters, windows: days, total: all },
    { reads: "amounts", measure: balance, by, filters, windows: [before], total: before },
  ];
}

function daysOf(fromMs: number, toMs: number) {
  const days = [];
  for (let startMs = bucketStart("day", fromMs); startMs < toMs; startMs += tierMs.day) {
    days.push({ countFromMs: startMs, countToMs: startMs + tierMs.day });
  }
  return days;
}

export function seriesOfPeak(
  resolved: ResolvedQuery,
  [flow, balance]: readonly [AmountAccumulator, AmountAccumulator],
): readonly MetricSeries[] {
  return seriesByKey([flow.series(), balance.series()]).map(({ key, by, series: [changes, carried] }) => {
    const level = levelOf(flow, changes, carried);
    const peak = ({ countFromMs, countToMs }: CountWindow) => ({ value: level.highest(countFromMs, countToMs) });
    return { key, by, points: resolved.buckets.map(peak), total: peak(resolved.total) };
  });
}

/** @returns the first minute at which the total of a question without `by` is reached */
export function minuteOfPeak({ total }: ResolvedQuery, [flow, balance]: readonly [AmountAccumulator, AmountAccumulator]): number {
  return levelOf(flow, flow.series()[0], balance.series()[0]).minuteOfHighest(total.countFromMs, total.countToMs);
}

function levelOf(
  flow: AmountAccumulator,
  changes: AccumulatedSeries<AmountSum> | undefined,
  carried: AccumulatedSeries<AmountSum> | undefined,
): LevelByMinute {
  return new LevelByMinute(
    totalOf(carried?.total ?? emptySum, "all"),
    flow.subQuery.windows.map(({ countFromMs }) => countFromMs),
    changes?.windows ?? [],
  );
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

  /** @returns the highest level of the minutes that a stretch of time touches; 0 of an empty one */
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

  /** @returns the first minute of a stretch of time at which its highest level is reached */
  minuteOfHighest(fromMs: number, toMs: number): number {
    const highest = this.highest(fromMs, toMs);
    for (const day of this.#days) {
      const minuteMs = day.firstMinuteAt(highest, fromMs, toMs);
      if (minuteMs !== null) return minuteMs;
    }
    return bucketStart("minute", fromMs);
  }
}

/** One UTC day of it. Minutes are looked at one by one only where a bucket cuts the day. */
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

  /** @returns `null` where the level is at no minute of the stretch what is looked for */
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

  /** @returns the level of each minute up to the last one that changed it */
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
