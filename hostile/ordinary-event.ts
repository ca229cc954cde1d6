import type { HostileContext } from "./hostile-context.ts";

export type EventBody = Readonly<Record<string, unknown>> & { readonly eventId: string };

/** A valid event with `changes`. */
export function ordinaryEvent(context: HostileContext, changes: Readonly<Record<string, unknown>> = {}): EventBody {
  return {
    eventId: context.newEventId(),
    eventType: "vote_content",
    timestamp: new Date(context.nowMs() - 1_000).toISOString(),
    userId: "user-1",
    roomId: "room-1",
    sessionId: "session-1",
    properties: { contentId: "movie:862", vote: "like", genres: ["comedy"], mediaType: "movie" },
    context: { platform: "android", locale: "es-ES" },
    source: { system: "app" },
    ...changes,
  };
}

export function batchOf(events: readonly unknown[]): string {
  return JSON.stringify({ events });
}
