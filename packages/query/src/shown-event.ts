import type { StoredEvent } from "@trinity/events/event";

/** An event as the log keeps it, with its times as text. */
export type ShownEvent = Omit<StoredEvent, "timestampMs" | "receivedAtMs" | "sequence" | "position"> & {
  readonly timestamp: string;
  readonly receivedAt: string;
};

export function showEvent({ timestampMs, receivedAtMs, sequence: _, position: __, ...event }: StoredEvent): ShownEvent {
  return { ...event, timestamp: new Date(timestampMs).toISOString(), receivedAt: new Date(receivedAtMs).toISOString() };
}
