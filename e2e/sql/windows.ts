import { dateSql, isDayStartSql } from "./buckets.ts";
import { firstAt, localOf } from "./time-zones.ts";

const hourMs = 3_600_000;

/**
 * Where a window of days begins: with a day if it ends with one, else at the same time of day. It ends with the hour that has begun if its
 * bucket ends later.
 * @param countedToMs an expression for the end of the bucket, or of the range if the range cuts it
 */
export function windowFromSql(countedToMs: string, days: number, timeZone: string, asOfMs: number): string {
  const endMs = `least(${countedToMs}, ${Math.ceil(asOfMs / hourMs) * hourMs})`;
  const fromTime = firstAt(`${localOf(endMs, timeZone)} - interval ${days} day`, timeZone);
  // In UTC the two are the same.
  if (timeZone === "UTC") return fromTime;
  const fromDay = firstAt(`${dateSql(`${endMs} - 1`, timeZone)} - interval ${days - 1} day`, timeZone);
  return `case when ${isDayStartSql(endMs, timeZone)} then ${fromDay} else ${fromTime} end`;
}
