import { isTelemetry } from "@trinity/aggregation/telemetry-event";
import { findDefinition } from "@trinity/events/catalogue";

/** @returns the event type of that name or alias; `null` where no event of a person is called so */
export function parsePersonEventType(name: string): string | null {
  const definition = findDefinition(name);
  return definition === undefined || isTelemetry(definition) ? null : definition.eventType;
}

export const noPersonEventType = "must be an event type of the catalogue, and not one that machines report of themselves";
