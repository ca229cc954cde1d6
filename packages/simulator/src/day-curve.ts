export const hourMs = 3_600_000;

/** How busy each hour of a Madrid day is: quiet nights, a bump after lunch, the peak from 21 to 23 h. */
const byHour = [0.6, 0.3, 0.15, 0.08, 0.05, 0.05, 0.1, 0.2, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 1, 1.1, 1, 1.1, 1.3, 1.6, 2.1, 3, 3.2, 1.9];
const byWeekday: Readonly<Record<string, number>> = { Mon: 0.8, Tue: 0.8, Wed: 0.85, Thu: 0.95, Fri: 1.3, Sat: 1.4, Sun: 1.2 };

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const meanFactor = mean(byHour) * mean(Object.values(byWeekday));

const madrid = new Intl.DateTimeFormat("en-US", { timeZone: "Europe/Madrid", weekday: "short", hour: "2-digit", hourCycle: "h23" });

/** @returns how busy the hour that holds `atMs` is; 1 is the mean hour of a week */
export function dayCurve(atMs: number): number {
  const parts = new Map(madrid.formatToParts(atMs).map((part) => [part.type, part.value]));
  const factor = (byHour[Number(parts.get("hour"))] ?? 1) * (byWeekday[parts.get("weekday") ?? ""] ?? 1);
  return factor / meanFactor;
}

/** How often something starts: `perDay` on a mean day, shaped by the day curve, kept within bounds where there are any. */
export type Rate = { readonly perDay: number; readonly perMinute?: { readonly min: number; readonly max: number } };

export function startsPerHour({ perDay, perMinute }: Rate, atMs: number): number {
  const perHour = (perDay / 24) * dayCurve(atMs);
  return perMinute === undefined ? perHour : Math.min(60 * perMinute.max, Math.max(60 * perMinute.min, perHour));
}

/** The same pace in a community `scale` times as large. */
export function scaledRate({ perDay, perMinute }: Rate, scale: number): Rate {
  if (perMinute === undefined) return { perDay: perDay * scale };
  return { perDay: perDay * scale, perMinute: { min: perMinute.min * scale, max: perMinute.max * scale } };
}

/** The whole UTC hour that `atMs` lies in. Madrid is a whole number of hours ahead, so it is one of its hours too. */
export function hourStartOf(atMs: number): number {
  return Math.floor(atMs / hourMs) * hourMs;
}
