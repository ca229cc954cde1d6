import { type Calendar, calendarOf } from "@trinity/aggregation/calendar";
import { parseTimestamp } from "@trinity/events/timestamp";

const dateOnly = /^\d{4}-\d\d-\d\d$/;

/**
 * Reads an instant (RFC 3339 with an offset) or a date, which means the start of that day in the calendar's time zone.
 * @returns Unix milliseconds; `null` for anything else, days that no calendar has or that the time zone left out included
 */
export function parseInstant(text: string, calendar: Calendar): number | null {
  if (!dateOnly.test(text)) return parseTimestamp(text);
  const utcMidnightMs = parseTimestamp(`${text}T00:00:00Z`);
  return utcMidnightMs === null ? null : calendar.startOfDate(utcMidnightMs);
}

/** @returns the calendar of an IANA time zone, `null` for a name that is none */
export function parseTimeZone(timeZone: string): Calendar | null {
  try {
    return calendarOf(timeZone);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
