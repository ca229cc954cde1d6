import type { EventBody, SimulatedMessage } from "./message.ts";
import type { Random } from "./random.ts";

/** How often each of Trinity's real defects occurs: shares in `[0, 1]`. */
export type DefectRates = {
  /** Of events: delivered a second time as they are. */
  readonly duplicateDeliveries: number;
  /** Of room facts: reported again by the table stream, under the same event id. */
  readonly streamCopies: number;
  /** Of app sessions: offline, so that everything arrives hours later. */
  readonly lateSessions: number;
  /** Of events: overtaken by those that came after. */
  readonly outOfOrder: number;
  /** Of rooms: dislikes are never stored and the app does not report votes. */
  readonly likeOnlyRooms: number;
  /** Of rooms: the fallback list of 49 titles, which no member can finish. */
  readonly emergencyListRooms: number;
  /** Of rooms: created without a capacity. */
  readonly missingSeatsRooms: number;
  /** Of rooms: rows that tests left behind. */
  readonly testRooms: number;
};

export const noDefects: DefectRates = {
  duplicateDeliveries: 0,
  streamCopies: 0,
  lateSessions: 0,
  outOfOrder: 0,
  likeOnlyRooms: 0,
  emergencyListRooms: 0,
  missingSeatsRooms: 0,
  testRooms: 0,
};

/** As a system in use shows them. */
export const usualDefects: DefectRates = {
  duplicateDeliveries: 0.01,
  streamCopies: 0.15,
  lateSessions: 0.015,
  outOfOrder: 0.02,
  likeOnlyRooms: 0.02,
  emergencyListRooms: 0.02,
  missingSeatsRooms: 0.002,
  testRooms: 0.005,
};

const hourMs = 3_600_000;
/** The facts that Trinity's tables report too. */
const storedFacts: ReadonlySet<string> = new Set(["room_created", "join_room", "vote_content", "match_found"]);
/** What only the app knows about a vote. */
const appOnlyProperties: ReadonlySet<string> = new Set(["dwellMs", "position", "input", "recommended", "releaseYear", "priority"]);

function streamCopyOf({ sessionId: _, ...fact }: EventBody): EventBody {
  const properties = Object.fromEntries(Object.entries(fact.properties).filter(([name]) => !appOnlyProperties.has(name)));
  return { ...fact, properties, context: {}, source: { system: "stream", generation: "G2" } };
}

/** Delays, repeats or duplicates some messages of a scenario on their way. */
export function applyDeliveryDefects(messages: readonly SimulatedMessage[], defects: DefectRates, random: Random): SimulatedMessage[] {
  const delayBySession = new Map<string, number>();
  const delayOf = (sessionId: string | undefined) => {
    if (sessionId === undefined) return 0;
    const known = delayBySession.get(sessionId);
    if (known !== undefined) return known;
    const delayMs = random.chance(defects.lateSessions) ? Math.round(random.between(1, 48) * hourMs) : 0;
    delayBySession.set(sessionId, delayMs);
    return delayMs;
  };
  return messages.flatMap((message): SimulatedMessage[] => {
    if (message.kind === "span") return [message];
    const { event } = message;
    const delayedMs = random.chance(defects.outOfOrder) ? Math.round(random.between(5_000, 120_000)) : 0;
    const deliverAtMs = message.deliverAtMs + delayOf(event.sessionId) + delayedMs;
    const deliveries: SimulatedMessage[] = [{ ...message, deliverAtMs }];
    if (random.chance(defects.duplicateDeliveries))
      deliveries.push({ ...message, deliverAtMs: deliverAtMs + Math.round(random.exponential(60_000)) });
    if (storedFacts.has(event.eventType) && event.source.system === "app" && random.chance(defects.streamCopies)) {
      deliveries.push({ kind: "event", event: streamCopyOf(event), deliverAtMs: deliverAtMs + Math.round(random.exponential(5_000)) });
    }
    return deliveries;
  });
}
