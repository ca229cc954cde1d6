import type { Properties, Pseudonym, StoredEvent } from "@trinity/events/event";
import { usualDefects } from "@trinity/simulator/defects";
import type { EventBody, ServerSpan, SimulatedMessage } from "@trinity/simulator/message";
import { simulate } from "@trinity/simulator/simulate";
import type { SeededChoice } from "@trinity/testing/seeded-random";

type Simulated = { readonly seed: number; readonly fromMs: number; readonly toMs: number };

/**
 * Some days of a village, as events of the log in the order of arrival: late ones, repeats, and copies from the table stream
 * with fewer properties under the same id. Rare cases of the simulator are added: members who leave, come back or fall silent,
 * rooms without user ids, and measurements of machines.
 */
export function simulatedEvents({ seed, fromMs, toMs }: Simulated, random: SeededChoice): readonly StoredEvent[] {
  const messages = simulate({ seed, fromMs, toMs, scale: 0.08, defects: usualDefects, roomRate: { perDay: 60 } });
  // A few of the many requests are enough.
  const events = [...messages].filter(({ kind }) => kind === "event" || random.chance(0.2)).map(storedOf);
  const strewn = events.flatMap((event, i) => [event, ...strewnAfter(event, i, random)]);
  return [...strewn, ...measuredBy(fromMs, toMs, random)];
}

function storedOf(message: SimulatedMessage): StoredEvent {
  const { deliverAtMs } = message;
  return message.kind === "event" ? ofBody(message.event, deliverAtMs) : ofSpan(message.span, deliverAtMs);
}

function ofBody({ timestamp, context, userId, roomId, sessionId, ...body }: EventBody, receivedAtMs: number): StoredEvent {
  const { userAgent: _, ipAddress: __, ...coarse } = context;
  const id = (said: string | undefined) => (said ?? null) as Pseudonym | null;
  const ids = { userId: id(userId), roomId: id(roomId), sessionId: id(sessionId) };
  return { ...body, ...ids, timestampMs: Date.parse(timestamp), receivedAtMs, context: coarse };
}

function ofSpan({ service, route, statusCode, failed, durationUs, startMs, spanId }: ServerSpan, receivedAtMs: number): StoredEvent {
  const properties = { service, route, kind: "server", statusClass: `${Math.floor(statusCode / 100)}xx`, failed, durationUs };
  return telemetryEvent("span", `span:${spanId}`, startMs, properties, receivedAtMs);
}

function telemetryEvent(
  eventType: string,
  eventId: string,
  timestampMs: number,
  properties: Properties,
  receivedAtMs = timestampMs,
): StoredEvent {
  const noIds = { userId: null, roomId: null, sessionId: null };
  return { eventId, eventType, timestampMs, receivedAtMs, ...noIds, properties, context: {}, source: { system: "otel" } };
}

/** Actions of members that make numbers of rooms difficult: right away, at the same time, or long after. */
function strewnAfter(event: StoredEvent, i: number, random: SeededChoice): readonly StoredEvent[] {
  const { eventType, roomId, timestampMs } = event;
  if (roomId === null || !["join_room", "vote_content"].includes(eventType) || !random.chance(eventType === "join_room" ? 0.6 : 0.02))
    return [];
  const said = random.pick<readonly [string, Properties]>([
    ...([
      ["leave_room", {}],
      ["leave_room", {}],
      ["join_room", {}],
      ["vote_content", { contentId: "movie:1", vote: "like" }],
    ] as const),
    ...["warning", "inactive", "excluded"].map((level) => ["member_inactive", { level }] as const),
  ]);
  const laterMs = random.pick([0, 1_000, 30 * 60_000, 3 * 3_600_000, 30 * 3_600_000]);
  const [strewnType, properties] = said;
  const isAnonymous = strewnType === "vote_content" && random.chance(0.5);
  const strewn = { ...event, eventId: `strewn-${i}`, eventType: strewnType, properties, timestampMs: timestampMs + laterMs };
  return [isAnonymous ? { ...strewn, userId: null, sessionId: null } : strewn];
}

const gauges = ["process.cpu.utilization", "system.cpu.utilization", "process.memory.usage", "nodejs.eventloop.delay.p99", "http.queue"];
const histograms = ["v8js.gc.duration", "db.client.operation.duration"];

/** A point of some metric every quarter of an hour; a few are invalid. */
function measuredBy(fromMs: number, toMs: number, random: SeededChoice): readonly StoredEvent[] {
  return Array.from({ length: Math.floor((toMs - fromMs) / 900_000) }, (_, i) => {
    const service = random.pick(["trinity-api", "trinity-ingest"]);
    const scale = random.pick([0, 1e-7, 0.5, 0.5, 3e8, -1]);
    const measured = random.below(1_000) * scale;
    const point = random.chance(0.6)
      ? { metric: random.pick(gauges), kind: random.pick(["gauge", "sum"]), value: measured }
      : { metric: random.pick(histograms), kind: "histogram", count: random.below(20), sum: Math.abs(measured) };
    return telemetryEvent("metric_point", `point-${i}`, fromMs + i * 900_000 + random.below(900_000), { service, ...point });
  });
}
