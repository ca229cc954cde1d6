import { AmountSum } from "../amount-sum.ts";
import { bucketStart, tierMs } from "../bucket.ts";
import type { Reading } from "../metric.ts";
import type { Outline } from "../outline.ts";
import type { PartRequest } from "../part.ts";
import type { ReportedLine } from "../reported.ts";
import type { AmountTally } from "../tally.ts";
import { linesByKey } from "./lines-by-key.ts";
import { totalOf } from "./vector-reading.ts";

type PeakReading = Extract<Reading, { readonly kind: "peak" }>;

/** A day before any event: an instant that every store can hold. */
const beginningMs = -50_000 * tierMs.day;

/** The changes of level on each UTC day that the range touches, and the level at which the first of them begins. */
export function partsOfPeak({ metric, query, total }: Outline, { balance }: PeakReading): readonly PartRequest[] {
  const { by, filters } = query;
  const fromMs = bucketStart("day", total.countFromMs);
  const days = daysOf(total.countFromMs, total.countToMs);
  const before = { countFromMs: beginningMs, countToMs: fromMs };
  const all = { countFromMs: fromMs, countToMs: days.at(-1)?.countToMs ?? fromMs };
  return [
    { reads: "amounts", measure: metric.measure, by, filters, spans: days, total: all },
    { reads: "amounts", measure: balance, by, filters, spans: [before], total: before },
  ];
}

function daysOf(fromMs: number, toMs: number) {
  const days = [];
  for (let startMs = bucketStart("day", fromMs); startMs < toMs; startMs += tierMs.day) {
    days.push({ countFromMs: startMs, countToMs: startMs + tierMs.day });
  }
  return days;
}

export function linesOfPeak(outline: Outline, [flow, balance]: readonly [AmountTally, AmountTally]): readonly ReportedLine[] {
  return linesByKey([flow.lines(), balance.lines()]).map(({ key, by, lines: [changes, carried] }) => {
    const level = new LevelByMinute(
      totalOf(carried?.total ?? nothing, "all"),
      flow.part.spans.map(({ countFromMs }) => countFromMs),
      changes?.spans ?? [],
    );
    const peak = ({ countFromMs, countToMs }: { readonly countFromMs: number; readonly countToMs: number }) => ({
      value: level.highest(countFromMs, countToMs),
    });
    return { key, by, points: outline.buckets.map(peak), total: peak(outline.total) };
  });
}

const nothing = new AmountSum();
const minutesOfDay = tierMs.day / tierMs.minute;

/** How many are open in each minute of days that follow each other. */
class LevelByMinute {
  readonly #days: readonly DayLevel[];

  constructor(initially: number, days: readonly number[], changesOfDay: readonly AmountSum[]) {
    let level = initially;
    this.#days = days.map((startMs, i) => {
      const day = new DayLevel(startMs, level, changesOfDay[i] ?? nothing);
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
    this.#levels ??= this.#levelsByMinute();
    let highest = Number.NEGATIVE_INFINITY;
    const end = Math.min(minutesOfDay, Math.ceil((toMs - this.startMs) / tierMs.minute));
    for (let minute = Math.max(0, Math.floor((fromMs - this.startMs) / tierMs.minute)); minute < end; minute++)
      highest = Math.max(highest, this.#levels[minute] ?? this.finally);
    return highest;
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
