import { telemetryTypes } from "@trinity/aggregation/telemetry-event";
import type { TimeRange } from "@trinity/aggregation/time-range";
import { text } from "./sql-text.ts";

/** The condition of events of people and their actions: telemetry belongs to no user, session, room or title. */
export const isProductEvent = `eventType NOT IN (${[...telemetryTypes].map(text).join(", ")})`;

export function productEventsIn({ fromMs, toMs }: TimeRange): string {
  return `atMs >= ${fromMs} AND atMs < ${toMs} AND ${isProductEvent}`;
}

export function ofType(...types: readonly string[]): string {
  return `eventType IN (${types.map(text).join(", ")})`;
}
