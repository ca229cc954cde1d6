import { tierMs } from "./bucket.ts";
import { calendarOf } from "./calendar.ts";

const utc = calendarOf("UTC");

/**
 * Reads the name of a cohort: the ISO week (`2026-W48`) or the month (`2026-11`) of a user's first event, in UTC.
 * @returns the range that it names, `[fromMs, toMs)`; `null` for a text that names none
 */
export function parseCohort(text: string): { readonly fromMs: number; readonly toMs: number } | null {
  const [, year, week, month] = /^(\d{4})-(?:W(\d{2})|(\d{2}))$/.exec(text) ?? [];
  if (week !== undefined) return weekOf(Number(year), Number(week));
  if (month === undefined || Number(month) < 1 || Number(month) > 12) return null;
  const fromMs = Date.UTC(Number(year), Number(month) - 1, 1);
  return { fromMs, toMs: utc.next("month", fromMs) };
}

// ISO 8601: the first week of a year is the one with its fourth of January.
function weekOf(year: number, week: number): { readonly fromMs: number; readonly toMs: number } | null {
  const firstMs = utc.startOf("week", Date.UTC(year, 0, 4));
  const fromMs = firstMs + (week - 1) * 7 * tierMs.day;
  const isInYear = week >= 1 && fromMs < utc.startOf("week", Date.UTC(year + 1, 0, 4));
  return isInYear ? { fromMs, toMs: fromMs + 7 * tierMs.day } : null;
}
