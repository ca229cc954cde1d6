import type { StoredEvent } from "@trinity/events/event";

const telemetryTypes: ReadonlySet<string> = new Set(["span", "log_record", "metric_point"]);

/** True for what machines report of themselves: it feeds the system metrics and belongs to nobody's session. */
export function isTelemetry(event: Pick<StoredEvent, "eventType">): boolean {
  return telemetryTypes.has(event.eventType);
}
