import { telemetryTypes } from "@trinity/aggregation/telemetry-event";
import { text } from "./sql-text.ts";

/** The condition of a type of events of people and their actions: telemetry belongs to no user, session, room or title. */
export function isProductType(eventType: string): string {
  return `${eventType} NOT IN (${[...telemetryTypes].map(text).join(", ")})`;
}

export const isProductEvent = isProductType("eventType");

export function ofType(...types: readonly string[]): string {
  return `eventType IN (${types.map(text).join(", ")})`;
}
