import type { Properties, Pseudonym, StoredEvent } from "@trinity/events/event";

/** What a test says of an event; the rest is as plain as it can be. */
export type Said = Partial<Omit<StoredEvent, "userId" | "roomId" | "sessionId" | "timestampMs" | "source">> & {
  readonly at: string | number;
  readonly userId?: string | null;
  readonly roomId?: string | null;
  readonly sessionId?: string | null;
  readonly system?: string;
};

let lastId = 0;

/** @returns an event of the log; `at` is an RFC 3339 instant, or Unix milliseconds */
export function storedEvent({ at, userId = null, roomId = null, sessionId = null, system = "app", ...said }: Said): StoredEvent {
  const timestampMs = typeof at === "number" ? at : Date.parse(at);
  lastId += 1;
  return {
    eventId: `event-${String(lastId).padStart(6, "0")}`,
    eventType: "screen_view",
    receivedAtMs: timestampMs,
    properties: {},
    context: {},
    ...said,
    timestampMs,
    userId: userId as Pseudonym | null,
    roomId: roomId as Pseudonym | null,
    sessionId: sessionId as Pseudonym | null,
    source: { system },
  };
}

/** @returns a vote; what `properties` leaves out is a like for `movie:862` */
export function vote(said: Said, properties: Properties = {}): StoredEvent {
  return storedEvent({ ...said, eventType: "vote_content", properties: { contentId: "movie:862", vote: "like", ...properties } });
}
