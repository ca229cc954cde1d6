import type { Clock } from "@trinity/runtime/clock";
import { type SeededChoice, uuidV7 } from "@trinity/testing/seeded-random";

/** An event as a sender reports it. */
export type SentEvent = ReturnType<typeof eventAt>;

export type TrafficSettings = {
  /** The prefix of the ids of the sender, so that ids are unique. */
  readonly sender: number;
  readonly batchEvents: number;
  /** Share of a batch that repeats earlier events. */
  readonly repeats: number;
  readonly clock: Clock;
};

const users = 400;
const rooms = 120;
const lateMsMax = 6 * 86_400_000;
const remembered = 5_000;

/**
 * Batches of events of a population that all senders share, so that every session and room gets events from all of them. A tenth is
 * late by up to six days, a tenth has no session id, a tenth has an id that is not a UUID, and some repeat earlier events.
 */
export function createTraffic({ sender, batchEvents, repeats, clock }: TrafficSettings, random: SeededChoice): () => readonly SentEvent[] {
  const sent: SentEvent[] = [];
  let made = 0;
  const next = (): SentEvent => {
    if (sent.length > 0 && random.chance(repeats)) return random.pick(sent);
    const nowMs = clock.nowMs();
    const event = eventAt(random.chance(0.1) ? nowMs - random.below(lateMsMax) : nowMs, `${sender}-${made++}`, random);
    if (sent.length < remembered) sent.push(event);
    else sent[random.below(remembered)] = event;
    return event;
  };
  return () => Array.from({ length: batchEvents }, next);
}

function eventAt(atMs: number, serial: string, random: SeededChoice) {
  const user = random.below(users);
  return {
    eventId: random.chance(0.1) ? `fact:${serial}:${random.uint32()}` : uuidV7(atMs, random),
    ...what(random),
    timestamp: new Date(atMs).toISOString(),
    userId: `user-${user}`,
    roomId: `room-${random.below(rooms)}`,
    sessionId: random.chance(0.1) ? null : `session-${user}-${Math.floor(atMs / 1_800_000)}`,
    context: { platform: random.pick(["ios", "android", "web"]), deviceType: "phone", appVersion: "3.4.1", ipAddress: "203.0.113.9" },
    source: { system: random.pick(["app", "lambda"]) },
  };
}

function what(random: SeededChoice) {
  const contentId = `movie:${1_000 + random.below(300)}`;
  if (random.chance(0.7)) {
    const properties = { contentId, vote: random.pick(["like", "dislike", "skip"]), genres: ["drama", "comedy"], mediaType: "movie" };
    return { eventType: "vote_content", properties };
  }
  if (random.chance(0.5)) return { eventType: "join_room", properties: {} };
  // Not a user action: it counts as an event, but does not make its user active.
  return { eventType: "room_started", properties: {} };
}
