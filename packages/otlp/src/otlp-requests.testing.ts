import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from "@opentelemetry/otlp-transformer";
import { unwrap } from "@trinity/runtime/result";
import { decodeOtlpJson } from "./otlp-json.ts";
import { decodeOtlpProtobuf } from "./otlp-protobuf.ts";
import type { OtlpBatch, OtlpSignal } from "./otlp-records.ts";

/** Requests for tests, written by OpenTelemetry's own encoders. The records are in the form that the SDK passes to its exporters. */
type SdkSpan = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0][number];
type SdkLogRecord = Parameters<typeof ProtobufLogsSerializer.serializeRequest>[0][number];
export type SdkMetrics = Parameters<typeof ProtobufMetricsSerializer.serializeRequest>[0];

export const traceId = "5b8efff798038103d269b633813fc60c";
export const spanId = "eee19b7ec3c1b174";
export const parentSpanId = "eee19b7ec3c1b173";
export const instrumentationScope = { name: "trinity.rooms", version: "1.4.0" };
export const resource = { attributes: { "service.name": "room-service", "service.version": "3.2.0" } };

/** 2026-11-22T20:15:04.120Z and 456,789 ns, as seconds and nanoseconds. */
export const startTime: [number, number] = [1_795_378_504, 120_456_789];
export const startMs = 1_795_378_504_120;

export function sdkSpan(fields: Record<string, unknown> = {}): SdkSpan {
  const span = {
    name: "GET /rooms/:id",
    kind: 1,
    spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
    parentSpanContext: { traceId, spanId: parentSpanId, traceFlags: 1 },
    startTime,
    endTime: [startTime[0], startTime[1] + 2_500_999],
    status: { code: 0 },
    attributes: { "http.request.method": "GET", "http.route": "/rooms/:id", "http.response.status_code": 200, "url.path": "/rooms/7c1d" },
    links: [],
    events: [],
    duration: [0, 0],
    ended: true,
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...fields,
  };
  return span as unknown as SdkSpan;
}

export function sdkLogRecord(fields: Record<string, unknown> = {}): SdkLogRecord {
  const record = {
    hrTime: startTime,
    hrTimeObserved: startTime,
    severityNumber: 17,
    severityText: "ERROR",
    body: "could not store the vote of b2e5a4c4",
    attributes: { "exception.type": "TimeoutError" },
    spanContext: { traceId, spanId, traceFlags: 1 },
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
    ...fields,
  };
  return record as unknown as SdkLogRecord;
}

/** One resource and scope with these metrics, each `{ descriptor, dataPointType, dataPoints, ... }` as the SDK collects them. */
export function sdkMetrics(metrics: readonly unknown[]): SdkMetrics {
  return { resource, scopeMetrics: [{ scope: instrumentationScope, metrics }] } as unknown as SdkMetrics;
}

export type Encoded = { readonly protobuf: Buffer; readonly json: unknown };

function encoded(protobuf: Uint8Array | undefined, json: Uint8Array | undefined): Encoded {
  if (protobuf === undefined || json === undefined) throw new Error("the encoder wrote nothing");
  return { protobuf: Buffer.from(protobuf), json: JSON.parse(Buffer.from(json).toString("utf8")) };
}

export function encodeSpans(spans: SdkSpan[]): Encoded {
  return encoded(ProtobufTraceSerializer.serializeRequest(spans), JsonTraceSerializer.serializeRequest(spans));
}

export function encodeLogRecords(records: SdkLogRecord[]): Encoded {
  return encoded(ProtobufLogsSerializer.serializeRequest(records), JsonLogsSerializer.serializeRequest(records));
}

export function encodeMetrics(metrics: SdkMetrics): Encoded {
  return encoded(ProtobufMetricsSerializer.serializeRequest(metrics), JsonMetricsSerializer.serializeRequest(metrics));
}

/** @throws {Error} when the complete request was rejected */
export function taken<Signal extends OtlpSignal>(decoded: ReturnType<typeof decodeOtlpJson<Signal>>): OtlpBatch<Signal> {
  return unwrap(decoded);
}

export function decodeBoth<Signal extends OtlpSignal>(signal: Signal, request: Encoded) {
  return { protobuf: taken(decodeOtlpProtobuf(signal, request.protobuf)), json: taken(decodeOtlpJson(signal, request.json)) };
}
