import { hourMs, type Rate, startsPerHour } from "./day-curve.ts";
import type { Random } from "./random.ts";

/** The starts of a Poisson process within one hour, ascending, in whole milliseconds. */
export function startTimes(rate: Rate, hourStartMs: number, random: Random): readonly number[] {
  const perHour = startsPerHour(rate, hourStartMs);
  const times: number[] = [];
  if (perHour <= 0) return times;
  for (let atMs = random.exponential(hourMs / perHour); atMs < hourMs; atMs += random.exponential(hourMs / perHour)) {
    times.push(hourStartMs + Math.floor(atMs));
  }
  return times;
}
