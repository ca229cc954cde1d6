import type { StoredEvent } from "@trinity/events/event";
import type { SqlValue } from "./engine/messages.ts";

/** The columns that `storedEventOf` reads, in its order. */
export const storedColumns = [
  "eventId",
  "eventType",
  "atMs::DOUBLE",
  "receivedAtMs::DOUBLE",
  "userId",
  "roomId",
  "sessionId",
  "sequence::DOUBLE",
  "position::VARCHAR",
  "propertiesJson::VARCHAR",
  "contextJson::VARCHAR",
  "sourceJson::VARCHAR",
].join(", ");

/** @param row the values of `storedColumns`. @returns the event as the log has it */
export function storedEventOf(row: readonly SqlValue[]): StoredEvent {
  const [eventId, eventType, timestampMs, receivedAtMs, userId, roomId, sessionId, sequence, position, ...json] = row;
  const [properties, context, source] = json.map((text) => JSON.parse(text as string) as unknown);
  return {
    eventId,
    eventType,
    timestampMs,
    receivedAtMs,
    userId,
    roomId,
    sessionId,
    ...(sequence === null ? {} : { sequence }),
    ...(position === null ? {} : { position: JSON.parse(position as string) as unknown }),
    properties,
    context,
    source,
  } as StoredEvent;
}
