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

/** One UTC day: the level of each minute up to the last one that changed it, and the level that stays. */
type DayLevels = { readonly startMs: number; readonly levels: readonly number[]; readonly stays: number; readonly highest: number };

/** How many are open in each minute of days that follow each other. */
class LevelByMinute {
  readonly #days: readonly DayLevels[];

  constructor(initially: number, days: readonly number[], changesOfDay: readonly AmountSum[]) {
    let level = initially;
    this.#days = days.map((startMs, i) => {
      const levels: number[] = [];
      (changesOfDay[i] ?? nothing).forEachIn(0, minutesOfDay, (minute, change) => {
        while (levels.length < minute) levels.push(level);
        levels.push((level += change));
      });
      return { startMs, levels, stays: level, highest: levels.reduce((highest, one) => Math.max(highest, one), level) };
    });
  }

  /** @returns the highest level of the minutes that a stretch of time touches; 0 of an empty one */
  highest(fromMs: number, toMs: number): number {
    if (fromMs >= toMs) return 0;
    const firstMs = this.#days[0]?.startMs ?? fromMs;
    let highest = Number.NEGATIVE_INFINITY;
    for (let i = Math.floor((fromMs - firstMs) / tierMs.day); i < this.#days.length; i++) {
      const day = this.#days[i] as DayLevels;
      if (day.startMs >= toMs) break;
      highest = Math.max(highest, highestOfDay(day, fromMs, toMs));
    }
    return highest;
  }
}

function highestOfDay({ startMs, levels, stays, highest }: DayLevels, fromMs: number, toMs: number): number {
  if (fromMs <= startMs && toMs >= startMs + tierMs.day) return highest;
  let highestThere = Number.NEGATIVE_INFINITY;
  const end = Math.min(minutesOfDay, Math.ceil((toMs - startMs) / tierMs.minute));
  for (let minute = Math.max(0, Math.floor((fromMs - startMs) / tierMs.minute)); minute < end; minute++)
    highestThere = Math.max(highestThere, levels[minute] ?? stays);
  return highestThere;
}
