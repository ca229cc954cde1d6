import { parseEvent } from "@trinity/events/parse-event";
import { describe, expect, test } from "vitest";
import { eventsOfRecords } from "./otlp-events.ts";
import type { OtlpSignal } from "./otlp-records.ts";
import {
  decodeBoth,
  type Encoded,
  encodeLogRecords,
  encodeMetrics,
  encodeSpans,
  instrumentationScope,
  parentSpanId,
  resource,
  sdkLogRecord,
  sdkMetrics,
  sdkSpan,
  spanId,
  startMs,
  startTime,
  traceId,
} from "./otlp-requests.testing.ts";

const rules = { nowMs: startMs + 1_000, eventAgeMaxMs: 86_400_000 };
const endTime: [number, number] = [startTime[0] + 10, startTime[1]];

/** Both encodings decode without a rejection, to the same records and events, and the catalogue accepts each event. */
function agreedEvents(signal: OtlpSignal, request: Encoded): Record<string, unknown>[] {
  const { protobuf, json } = decodeBoth(signal, request);
  expect(protobuf.rejections).toMatchObject({ count: 0, byCode: {} });
  expect(json).toEqual(protobuf);
  const events = eventsOfRecords(signal, protobuf.records as never);
  expect(eventsOfRecords(signal, json.records as never)).toEqual(events);
  for (const event of events) expect(parseEvent(event, rules)).toMatchObject({ ok: true });
  return events as Record<string, unknown>[];
}

describe("requests of OpenTelemetry's own encoders, in protobuf and in JSON, become the same events", () => {
  test("a span, with its duration exact to the microsecond", () => {
    expect(agreedEvents("traces", encodeSpans([sdkSpan()]))).toEqual([
      {
        eventId: `span:${traceId}:${spanId}`,
        eventType: "span",
        timestamp: startMs,
        properties: {
          service: "room-service",
          kind: "server",
          route: "GET /rooms/:id",
          statusClass: "2xx",
          failed: false,
          durationUs: 2_500,
          traceId,
          spanId,
          parentSpanId,
        },
        source: { system: "otel", component: "room-service" },
      },
    ]);
  });

  test("a span with attributes of every type, events and links: only the listed attributes are read", () => {
    const attributes = {
      "rpc.system": "grpc",
      "rpc.service": "trinity.Rooms",
      "rpc.method": "Join",
      "rpc.grpc.status_code": 14,
      "user.id": "b2e5a4c4",
      tags: ["a", "b"],
      ratio: 0.25,
      big: -5_000_000_000,
      flag: true,
    };
    const events = [{ time: startTime, name: "exception", attributes: { "exception.message": "secret" }, droppedAttributesCount: 0 }];
    const links = [{ context: { traceId, spanId, traceFlags: 1 }, attributes: { why: "retry" }, droppedAttributesCount: 0 }];
    const request = encodeSpans([
      sdkSpan({ attributes, events, links, status: { code: 2, message: "secret" }, parentSpanContext: undefined }),
    ]);
    const { protobuf } = decodeBoth("traces", request);
    expect(protobuf.records[0]?.attributes).toEqual({
      "rpc.system.name": "grpc",
      "rpc.service": "trinity.Rooms",
      "rpc.method": "Join",
      "rpc.status_code": 14,
    });
    expect(agreedEvents("traces", request)[0]?.["properties"]).toMatchObject({
      route: "trinity.Rooms/Join",
      statusClass: "error",
      failed: true,
      system: "grpc",
    });
    expect(JSON.stringify(agreedEvents("traces", request))).not.toContain("secret");
  });

  test("a log record becomes a log_record without its text", () => {
    const [event] = agreedEvents("logs", encodeLogRecords([sdkLogRecord()]));
    expect(event).toEqual({
      eventId: expect.stringMatching(/^log:[0-9a-f]{40}$/),
      eventType: "log_record",
      timestamp: startMs,
      properties: {
        service: "room-service",
        severity: "error",
        severityNumber: 17,
        scope: "trinity.rooms",
        errorType: "TimeoutError",
        traceId,
        spanId,
      },
      source: { system: "otel", component: "room-service" },
    });
    expect(JSON.stringify(event)).not.toContain("b2e5a4c4");
  });

  test("a log record with an EventName becomes the catalogue's event of that name", () => {
    const attributes = { contentId: "movie:862", vote: "like", genres: ["animation", "comedy"], recommended: false, "user.id": "u-1" };
    const [event] = agreedEvents("logs", encodeLogRecords([sdkLogRecord({ eventName: "vote_content", attributes })]));
    expect(event).toMatchObject({
      eventType: "vote_content",
      userId: "u-1",
      properties: { contentId: "movie:862", vote: "like", genres: ["animation", "comedy"], recommended: false },
    });
  });

  test("a log record that names its event in an attribute is the same event", () => {
    const attributes = { "event.name": "view_match", contentId: "movie:862", "event.id": "e-1" };
    const [event] = agreedEvents("logs", encodeLogRecords([sdkLogRecord({ attributes })]));
    expect(event).toMatchObject({ eventId: "e-1", eventType: "view_match", properties: { contentId: "movie:862" } });
  });

  test("an event of another namespace is a log record, not an unknown event of ours", () => {
    const attributes = { "url.full": "https://example.com/?q=secret", "user.id": "u-1" };
    const [event] = agreedEvents("logs", encodeLogRecords([sdkLogRecord({ eventName: "browser.page_view", attributes })]));
    expect(event).toMatchObject({ eventType: "log_record", properties: { service: "room-service" } });
    expect(JSON.stringify(event)).not.toMatch(/secret|u-1/);
  });

  test("log bodies of every shape", () => {
    const bodies = [undefined, "text", 5, 0.5, true, ["a", 1, ["b"]], { a: { b: [1, { c: "d" }] } }, new Uint8Array([1, 2, 3])];
    const events = agreedEvents("logs", encodeLogRecords(bodies.map((body) => sdkLogRecord({ body }))));
    expect(new Set(events.map((event) => event["eventId"])).size).toBe(bodies.length);
  });

  test("sums, gauges, histograms and exponential histograms", () => {
    const point = (value: unknown, attributes = {}) => ({ startTime, endTime, attributes, value });
    const histogram = { buckets: { boundaries: [5, 10], counts: [1, 2, 3] }, count: 6, sum: 71.5, min: 1, max: 40 };
    const exponential = {
      count: 9,
      sum: 12,
      scale: 3,
      zeroCount: 1,
      positive: { offset: -2, bucketCounts: [1, 2, 3] },
      negative: { offset: 0, bucketCounts: [2] },
      min: -1,
      max: 4,
    };
    const descriptor = (name: string, unit = "") => ({ name, description: "", unit, valueType: 1, type: "COUNTER" });
    const metrics = [
      {
        descriptor: descriptor("http.server.active_requests", "{request}"),
        aggregationTemporality: 1,
        isMonotonic: false,
        dataPointType: 3,
      },
      { descriptor: { ...descriptor("votes"), valueType: 0 }, aggregationTemporality: 0, isMonotonic: true, dataPointType: 3 },
      { descriptor: descriptor("nodejs.eventloop.utilization", "1"), aggregationTemporality: 1, dataPointType: 2 },
      { descriptor: descriptor("http.server.request.duration", "s"), aggregationTemporality: 1, dataPointType: 0 },
      { descriptor: descriptor("gc"), aggregationTemporality: 0, dataPointType: 1 },
    ];
    const values = [
      [point(-3)],
      [point(12, { "user.id": "u-1" })],
      [point(0.75)],
      [point(histogram, { "http.route": "/votes" })],
      [point(exponential)],
    ];
    const request = encodeMetrics(sdkMetrics(metrics.map((metric, index) => ({ ...metric, dataPoints: values[index] }))));
    const events = agreedEvents("metrics", request);
    expect(events.map((event) => event["properties"])).toEqual(
      [
        { metric: "http.server.active_requests", kind: "sum", unit: "{request}", value: -3, temporality: "cumulative", monotonic: false },
        { metric: "votes", kind: "sum", value: 12, temporality: "delta", monotonic: true },
        { metric: "nodejs.eventloop.utilization", kind: "gauge", unit: "1", value: 0.75 },
        {
          metric: "http.server.request.duration",
          kind: "histogram",
          unit: "s",
          count: 6,
          sum: 71.5,
          temporality: "cumulative",
          attributes: ["http.route=/votes"],
        },
        { metric: "gc", kind: "exponential_histogram", count: 9, sum: 12, temporality: "delta" },
      ].map((properties) => ({ service: "room-service", ...properties })),
    );
    expect(events[0]).toMatchObject({
      eventType: "metric_point",
      timestamp: startMs + 10_000,
      eventId: expect.stringMatching(/^metric:[0-9a-f]{40}$/),
    });
  });
});

test("resource, scope and times arrive unchanged", () => {
  const { protobuf } = decodeBoth("traces", encodeSpans([sdkSpan()]));
  expect(protobuf.records[0]).toMatchObject({
    resource: { serviceName: "room-service", attributes: resource.attributes },
    scope: instrumentationScope,
    start: { ms: startMs, nanos: 456_789 },
  });
});

test("a request without records is accepted, in either encoding", () => {
  const nothing = { records: [], rejections: { count: 0 }, ignoredKeys: 0 };
  expect(decodeBoth("traces", { protobuf: Buffer.alloc(0), json: {} }).protobuf).toMatchObject(nothing);
  expect(decodeBoth("traces", { protobuf: Buffer.alloc(0), json: {} }).json).toMatchObject(nothing);
});
