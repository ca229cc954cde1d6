import type { StoredEvent } from "@trinity/events/event";

export const telemetryTypes: ReadonlySet<string> = new Set(["span", "log_record", "metric_point"]);

/** True for spans, log records and metric points: they count in system metrics only, and belong to no session. */
export function isTelemetry(event: Pick<StoredEvent, "eventType">): boolean {
  return telemetryTypes.has(event.eventType);
}
