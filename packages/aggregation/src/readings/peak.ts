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

/** How many are open, as steps: from each instant on at which it changes. A step is a place in two lists: there is one a minute and day. */
class LevelByMinute {
  readonly #fromMs: readonly number[];
  readonly #levels: readonly number[];

  constructor(initially: number, days: readonly number[], changesOfDay: readonly AmountSum[]) {
    let level = initially;
    const fromMs = [Number.NEGATIVE_INFINITY];
    const levels = [level];
    for (const [i, dayMs] of days.entries()) {
      (changesOfDay[i] ?? nothing).forEachIn(0, minutesOfDay, (minute, change) => {
        fromMs.push(dayMs + minute * tierMs.minute);
        levels.push((level += change));
      });
    }
    this.#fromMs = fromMs;
    this.#levels = levels;
  }

  /** @returns the highest level of the minutes that a stretch of time touches; 0 of an empty one */
  highest(fromMs: number, toMs: number): number {
    if (fromMs >= toMs) return 0;
    // Levels change at whole minutes, so the level at the beginning is that of the whole minute.
    let place = this.#lastAtOrBefore(fromMs);
    let highest = this.#levels[place] ?? 0;
    for (place += 1; place < this.#fromMs.length && (this.#fromMs[place] as number) < toMs; place++)
      highest = Math.max(highest, this.#levels[place] as number);
    return highest;
  }

  #lastAtOrBefore(atMs: number): number {
    let low = 0;
    let high = this.#fromMs.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#fromMs[middle] as number) <= atMs) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
