import type { TimeRange } from "@trinity/aggregation/time-range";

/** Packs the time and the kind of an event into one number: numbers ascend in order of time. */
export type TimedKinds = {
  /** @param kind an integer expression from 0 to below the number of kinds */
  sql(kind: string): string;
  atMsOf(timed: number): number;
  kindOf(timed: number): number;
};

/** @returns how many kinds there may be, so that JavaScript divides the numbers exactly */
export function kindsMax({ fromMs, toMs }: TimeRange): number {
  return Math.floor(2 ** 52 / (toMs - fromMs));
}

/** @returns null for more kinds than `kindsMax` */
export function timedKinds(range: TimeRange, kinds: number): TimedKinds | null {
  if (kinds > kindsMax(range)) return null;
  const { fromMs } = range;
  return {
    sql: (kind) => `((atMs - ${fromMs}) * ${kinds} + ${kind})::DOUBLE`,
    atMsOf: (timed) => fromMs + Math.floor(timed / kinds),
    // The remainder of numbers as great takes ten times as long.
    kindOf: (timed) => timed - Math.floor(timed / kinds) * kinds,
  };
}
