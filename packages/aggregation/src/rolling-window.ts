import { tierMs } from "./bucket.ts";
import type { Calendar } from "./calendar.ts";

/**
 * A rolling window ends with its bucket, or at the end of the range or of the present hour if that is earlier: a week that has just begun counts
 * the last 7 days, not the rest of the week. By the hour, because user sets are kept by the hour.
 * @param endMs where the bucket ends, or the range if it cuts the bucket
 * @param asOfMs the present
 * @returns where the window begins: with a day if it ends with one, else at the same time of day
 */
export function windowStart(endMs: number, windowDays: number, calendar: Pick<Calendar, "windowStart">, asOfMs: number): number {
  const presentHourEndMs = Math.ceil(asOfMs / tierMs.hour) * tierMs.hour;
  return calendar.windowStart(Math.min(endMs, presentHourEndMs), windowDays);
}
