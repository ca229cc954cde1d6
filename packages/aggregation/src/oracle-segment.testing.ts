import type { StoredEvent } from "@trinity/events/event";
import { favouriteGenreOf, inOrder, type OracleWorld, telemetry, userActions } from "./oracle-facts.testing.ts";
import { localTimeOf } from "./oracle-time.testing.ts";
import type { Segment, UserAttribute } from "./segment.ts";

const dayMs = 86_400_000;

/** @returns the users of a segment, each looked at by itself */
export function expectedUsers(segment: Segment, { chunks }: OracleWorld, toMs: number): ReadonlySet<string> {
  const events = chunks
    .flatMap(({ chunk }) => chunk.events)
    .filter(({ eventType, userId }) => userId !== null && !telemetry.includes(eventType))
    .sort(inOrder);
  const users = new Set(events.map(({ userId }) => userId as string));
  return new Set(
    [...users].filter((user) =>
      isIn(
        segment,
        events.filter(({ userId }) => userId === user),
        toMs,
      ),
    ),
  );
}

function isIn(segment: Segment, own: readonly StoredEvent[], toMs: number): boolean {
  switch (segment.kind) {
    case "attribute":
      return segment.values.some((value) => hasValue(segment.attribute, value, own, toMs));
    case "all":
      return segment.of.every((part) => isIn(part, own, toMs));
    case "any":
      return segment.of.some((part) => isIn(part, own, toMs));
    case "not":
      return !isIn(segment.of, own, toMs);
  }
}

function hasValue(attribute: UserAttribute, value: string, own: readonly StoredEvent[], toMs: number): boolean {
  const first = own[0] as StoredEvent;
  const { date } = localTimeOf(first.timestampMs, "UTC");
  if (attribute === "favouriteGenre") return favouriteGenreOf(own) === value;
  if (attribute === "cohort") return value === date.slice(0, 7) || value === isoWeekOf(date);
  if (attribute === "activityTier") return tierOf(own, toMs) === value;
  return (first.context[attribute] ?? "unknown") === value;
}

/** The Thursday of a week decides which year the week is of. */
function isoWeekOf(date: string): string {
  const dayNumber = Date.parse(date) / dayMs;
  const thursday = dayNumber - ((dayNumber + 3) % 7) + 3;
  const year = new Date(thursday * dayMs).getUTCFullYear();
  const week = Math.floor((thursday - Date.UTC(year, 0, 1) / dayMs) / 7) + 1;
  return `${year}-W${String(week).padStart(2, "0")}`;
}

function tierOf(own: readonly StoredEvent[], toMs: number): string {
  const endDay = Math.ceil(toMs / dayMs);
  const days = own.filter(({ eventType }) => userActions.includes(eventType)).map(({ timestampMs }) => Math.floor(timestampMs / dayMs));
  const active = new Set(days.filter((day) => day < endDay && day >= endDay - 28)).size;
  if (active >= 12) return "heavy";
  if (active >= 4) return "regular";
  return active >= 1 ? "light" : "inactive";
}
