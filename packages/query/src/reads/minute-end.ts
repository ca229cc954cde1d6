import { tierMs } from "@trinity/aggregation/bucket";

/** @returns the instant, or the end of the minute that it cuts: numbers that change with the present do so by the minute */
export function minuteEnd(atMs: number): number {
  return Math.ceil(atMs / tierMs.minute) * tierMs.minute;
}
