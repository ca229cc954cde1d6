import { gzipSync } from "node:zlib";
import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { EventBody } from "@trinity/simulator/message";
import { simulate } from "@trinity/simulator/simulate";
import { type SeededChoice, seededChoice } from "@trinity/testing/seeded-random";
import { type TrafficSettings, type VoteEvent, voteTraffic } from "./vote-traffic.ts";

/** How a request carries its events. `demo`: what the demo sends, as JSON; all others carry votes, and OTLP carries spans. */
export type RequestFormat = "json" | "ndjson" | "gzip" | "demo" | "otlp-protobuf" | "otlp-json";

export type RequestSettings = {
  readonly traffic: TrafficSettings;
  readonly format: RequestFormat;
  readonly batchEvents: number;
  /** How often each request is sent, one right after the other. */
  readonly sends: number;
};

export type IngestRequest = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly events: number;
  /** The first of them; null where the server makes the ids. */
  readonly eventId: string | null;
};

const dayMs = 86_400_000;

/** @returns the requests of a traffic, in the order of sending */
export function ingestRequests({ traffic, format, batchEvents, sends }: RequestSettings): readonly IngestRequest[] {
  const requests = format.startsWith("otlp") ? spanRequests(traffic, format, batchEvents) : eventRequests(traffic, format, batchEvents);
  return [...requests].flatMap((request) => Array.from({ length: sends }, () => request));
}

function* eventRequests(traffic: TrafficSettings, format: RequestFormat, batchEvents: number): Generator<IngestRequest> {
  const events = format === "demo" ? demoTraffic(traffic) : voteTraffic(traffic);
  for (const batch of batches<VoteEvent | EventBody>(events, batchEvents)) {
    const { eventId } = batch[0] as VoteEvent | EventBody;
    yield { path: "/v1/events", ...eventBody(batch, format), events: batch.length, eventId };
  }
}

function eventBody(batch: readonly unknown[], format: RequestFormat): Pick<IngestRequest, "headers" | "body"> {
  if (format === "ndjson") {
    return {
      headers: { "content-type": "application/x-ndjson" },
      body: Buffer.from(batch.map((event) => JSON.stringify(event)).join("\n")),
    };
  }
  const body = Buffer.from(JSON.stringify({ events: batch }));
  if (format !== "gzip") return { headers: { "content-type": "application/json" }, body };
  return { headers: { "content-type": "application/json", "content-encoding": "gzip" }, body: gzipSync(body, { level: 1 }) };
}

/** What the demo's people do, in a community so large that the last thirty days have enough events. */
function* demoTraffic({ seed, events, startMs, spanMs }: TrafficSettings): Generator<EventBody> {
  const toMs = startMs + spanMs;
  let sent = 0;
  // A community of this size makes two thousand events a day.
  for (const message of simulate({ seed, fromMs: toMs - 30 * dayMs, toMs, scale: Math.max(1, events / 40_000) })) {
    if (message.kind !== "event") continue;
    yield message.event;
    if (++sent === events) return;
  }
  throw new RangeError(`the demo made ${sent} events, not ${events}`);
}

type SdkSpan = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0][number];

const routes = ["/rooms", "/rooms/:id", "/rooms/:id/votes", "/content/trending", "/content/:id", "/search", "/me", "/auth/refresh"];
const resource = {
  attributes: { "service.name": "room-service", "service.version": "3.2.0", "deployment.environment.name": "production" },
};
const instrumentationScope = { name: "@opentelemetry/instrumentation-http", version: "0.301.0" };

function* spanRequests(traffic: TrafficSettings, format: RequestFormat, batchEvents: number): Generator<IngestRequest> {
  const serializer = format === "otlp-json" ? JsonTraceSerializer : ProtobufTraceSerializer;
  const headers = { "content-type": format === "otlp-json" ? "application/json" : "application/x-protobuf" };
  for (const batch of batches(spanTraffic(traffic), batchEvents)) {
    const body = Buffer.from(serializer.serializeRequest([...batch]) as Uint8Array);
    yield { path: "/v1/traces", headers, body, events: batch.length, eventId: null };
  }
}

/** Requests to a service, as its HTTP instrumentation reports them: nine attributes each. */
function* spanTraffic({ seed, events, startMs, spanMs }: TrafficSettings): Generator<SdkSpan> {
  const random = seededChoice(seed);
  for (let i = 0; i < events; i++) yield spanOf(random, startMs + (i * spanMs) / events);
}

function spanOf(random: SeededChoice, atMs: number): SdkSpan {
  const route = random.pick(routes);
  const seconds = Math.floor(atMs / 1_000);
  const nanos = Math.floor((atMs - seconds * 1_000) * 1e6);
  const hex = (words: number) => Array.from({ length: words }, () => random.uint32().toString(16).padStart(8, "0")).join("");
  const [traceId, spanId] = [hex(4), hex(2)];
  const span = {
    name: `GET ${route}`,
    kind: 1,
    spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
    startTime: [seconds, nanos],
    endTime: [seconds, nanos + 1_000_000 + random.below(400_000_000)],
    status: { code: 0 },
    attributes: {
      "http.request.method": "GET",
      "http.route": route,
      "http.response.status_code": random.chance(0.02) ? 500 : 200,
      "url.path": route.replace(":id", hex(2)),
      "url.scheme": "https",
      "server.address": "rooms.internal",
      "network.protocol.version": "1.1",
      "client.address": `203.0.113.${random.below(256)}`,
      "user_agent.original": "Trinity/3.4.1 (Android 14; SM-S918B; en_GB)",
    },
    links: [],
    events: [],
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
  return span as unknown as SdkSpan;
}

function* batches<T>(items: Iterable<T>, size: number): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    if (batch.push(item) < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
