import type { TimeRange } from "@trinity/aggregation/time-range";

/** Packs the time and the kind of an event into one number: numbers ascend in order of time. */
export type TimedKinds = {
  /** @param kind an integer expression from 0 to below the number of kinds */
  sql(kind: string): string;
  atMsOf(timed: number): number;
  kindOf(timed: number): number;
};

/** @returns null where the numbers would be too great for JavaScript to divide exactly */
export function timedKinds({ fromMs, toMs }: TimeRange, kinds: number): TimedKinds | null {
  if ((toMs - fromMs) * kinds > 2 ** 52) return null;
  return {
    sql: (kind) => `((atMs - ${fromMs}) * ${kinds} + ${kind})::DOUBLE`,
    atMsOf: (timed) => fromMs + Math.floor(timed / kinds),
    // The remainder of numbers as great takes ten times as long.
    kindOf: (timed) => timed - Math.floor(timed / kinds) * kinds,
  };
}
