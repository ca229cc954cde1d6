import { telemetryTypes } from "@trinity/aggregation/telemetry-event";
import type { TimeRange } from "@trinity/aggregation/time-range";
import { text } from "./sql-text.ts";

/** All events but telemetry. */
export const productEvents = `eventType NOT IN (${[...telemetryTypes].map(text).join(", ")})`;

export function productEventsIn({ fromMs, toMs }: TimeRange): string {
  return `atMs >= ${fromMs} AND atMs < ${toMs} AND ${productEvents}`;
}
