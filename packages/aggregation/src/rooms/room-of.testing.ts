import type { Properties, StoredEvent } from "@trinity/events/event";
import type { Room } from "../entities/room.ts";
import { FoldedWorld } from "../folded-world.testing.ts";
import { storedEvent } from "../stored-event.testing.ts";

/** Ten o'clock of a Friday. */
export const tenMs = Date.parse("2026-11-20T10:00:00Z");
const minuteMs = 60_000;

/** What happened in a room, so many minutes after ten o'clock. */
export function happened(minutes: number, eventType: string, userId: string | null = null, properties: Properties = {}): StoredEvent {
  return storedEvent({ at: tenMs + minutes * minuteMs, eventType, userId, roomId: "room-1", properties });
}

export function created(minutes: number, properties: Properties = {}): StoredEvent {
  return happened(minutes, "room_created", "ana", { seats: 2, mediaType: "movie", genres: ["comedy"], titleCount: 50, ...properties });
}

export function voted(minutes: number, userId: string, vote = "like", contentId = "movie:1"): StoredEvent {
  return happened(minutes, "vote_content", userId, { contentId, vote });
}

export function worldOf(...events: readonly StoredEvent[]): FoldedWorld {
  return new FoldedWorld().foldEvents(events, tenMs);
}

export function roomOf(...events: readonly StoredEvent[]): Room {
  return worldOf(...events).entities.room.get("room-1") as Room;
}
