import { bucketStart, tierMs } from "../bucket.ts";
import type { Reading } from "../metric.ts";
import type { Outline } from "../outline.ts";
import type { CountSpan, PartRequest } from "../part.ts";
import type { ReportedLine } from "../reported.ts";
import type { AmountTally, TalliedLine } from "../tally.ts";
import type { Vector } from "../vector.ts";
import { linesByKey } from "./lines-by-key.ts";
import { sumOf } from "./vector-reading.ts";

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
    const level = levelOf(flow, changes, carried);
    const peak = ({ countFromMs, countToMs }: CountSpan) => ({ value: level.highest(countFromMs, countToMs).level });
    return { key, by, points: outline.buckets.map(peak), total: peak(outline.total) };
  });
}

/** @returns the first minute at which the total of a question without `by` is reached */
export function minuteOfPeak({ total }: Outline, [flow, balance]: readonly [AmountTally, AmountTally]): number {
  return levelOf(flow, flow.lines()[0], balance.lines()[0]).highest(total.countFromMs, total.countToMs).minuteMs;
}

function levelOf(flow: AmountTally, changes: TalliedLine<Vector> | undefined, carried: TalliedLine<Vector> | undefined): LevelByMinute {
  return new LevelByMinute(
    sumOf(carried?.total ?? nothing, "all"),
    flow.part.spans.map(({ countFromMs }) => countFromMs),
    changes?.spans ?? [],
  );
}

const nothing: Vector = new Map();

type Step = { readonly fromMs: number; readonly level: number };

/** How many are open, as steps: from each instant on at which it changes. */
class LevelByMinute {
  readonly #steps: readonly Step[];

  constructor(initially: number, days: readonly number[], changesOfDay: readonly Vector[]) {
    let level = initially;
    const steps = [{ fromMs: Number.NEGATIVE_INFINITY, level }];
    for (const [i, dayMs] of days.entries()) {
      const changes = [...(changesOfDay[i] ?? nothing)].sort(([a], [b]) => a - b);
      for (const [minute, change] of changes) steps.push({ fromMs: dayMs + minute * tierMs.minute, level: (level += change) });
    }
    this.#steps = steps;
  }

  /** @returns the highest level of the minutes that a stretch of time touches, and the first of them that has it; 0 of an empty one */
  highest(fromMs: number, toMs: number): { readonly level: number; readonly minuteMs: number } {
    const firstMs = bucketStart("minute", fromMs);
    if (fromMs >= toMs) return { level: 0, minuteMs: firstMs };
    // Levels change at whole minutes, so the level at the beginning is that of the whole minute.
    let place = this.#lastAtOrBefore(fromMs);
    let highest = { level: this.#steps[place]?.level ?? 0, minuteMs: firstMs };
    for (place += 1; place < this.#steps.length && (this.#steps[place]?.fromMs as number) < toMs; place++) {
      const { level, fromMs: minuteMs } = this.#steps[place] as Step;
      if (level > highest.level) highest = { level, minuteMs };
    }
    return highest;
  }

  #lastAtOrBefore(atMs: number): number {
    let low = 0;
    let high = this.#steps.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#steps[middle]?.fromMs as number) <= atMs) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
