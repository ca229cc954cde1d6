import type { HostileContext } from "./hostile-context.ts";
import { bytesField, fixed64Field, varintField } from "./protobuf-wire.ts";

export type Signal = "traces" | "logs" | "metrics";

/** The keys of OTLP/JSON by signal, and the field that each level has in protobuf is the same in all three. */
const keys = {
  traces: { group: "resourceSpans", scope: "scopeSpans", records: "spans" },
  logs: { group: "resourceLogs", scope: "scopeLogs", records: "logRecords" },
  metrics: { group: "resourceMetrics", scope: "scopeMetrics", records: "metrics" },
} as const;

const service = { attributes: [{ key: "service.name", value: { stringValue: "hostile-service" } }] };

/** An export request in OTLP/JSON around records of one resource. */
export function jsonRequest(signal: Signal, records: readonly unknown[], resource: unknown = service): Record<string, unknown> {
  const { group, scope, records: name } = keys[signal];
  return { [group]: [{ resource, [scope]: [{ scope: { name: "hostile" }, [name]: records }] }] };
}

/** The same in protobuf; `records` are encoded messages. */
export function protobufRequest(records: readonly Buffer[], serviceName = "hostile-service"): Buffer {
  const resource = bytesField(1, textAttribute("service.name", serviceName));
  const scopeGroup = Buffer.concat([bytesField(1, bytesField(1, "hostile")), ...records.map((record) => bytesField(2, record))]);
  return bytesField(1, Buffer.concat([bytesField(1, resource), bytesField(2, scopeGroup)]));
}

/** The content of a `KeyValue`. */
export function attribute(key: string, anyValue: Buffer): Buffer {
  return Buffer.concat([bytesField(1, key), bytesField(2, anyValue)]);
}

export function textAttribute(key: string, text: string): Buffer {
  return attribute(key, bytesField(1, text));
}

export type SpanIds = { readonly traceId: string; readonly spanId: string };

export function newSpanIds(context: HostileContext): SpanIds {
  return { traceId: context.newHex(16), spanId: context.newHex(8) };
}

/** The event id of a span, by which its status can be queried. */
export function eventIdOfSpan({ traceId, spanId }: SpanIds): string {
  return `span:${traceId}:${spanId}`;
}

export function nowNanos(context: HostileContext, agoMs = 1_000): bigint {
  return BigInt(context.nowMs() - agoMs) * 1_000_000n;
}

export function jsonSpan(
  context: HostileContext,
  changes: Readonly<Record<string, unknown>> = {},
  ids = newSpanIds(context),
): Record<string, unknown> {
  const start = nowNanos(context);
  return {
    ...ids,
    name: "GET /rooms",
    kind: 2,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + 5_000_000n),
    attributes: [{ key: "http.route", value: { stringValue: "/rooms" } }],
    ...changes,
  };
}

export type SpanParts = {
  readonly ids?: SpanIds;
  readonly start?: bigint;
  readonly end?: bigint;
  readonly parentSpanId?: string;
  readonly more?: readonly Buffer[];
};

/** A span's message; `more` are further fields of it. */
export function protobufSpan(
  context: HostileContext,
  { ids = newSpanIds(context), start = nowNanos(context), end = start + 5_000_000n, parentSpanId, more = [] }: SpanParts = {},
): Buffer {
  return Buffer.concat([
    bytesField(1, Buffer.from(ids.traceId, "hex")),
    bytesField(2, Buffer.from(ids.spanId, "hex")),
    ...(parentSpanId === undefined ? [] : [bytesField(4, Buffer.from(parentSpanId, "hex"))]),
    bytesField(5, "GET /rooms"),
    varintField(6, 2),
    fixed64Field(7, start),
    fixed64Field(8, end),
    bytesField(9, textAttribute("http.route", "/rooms")),
    ...more,
  ]);
}

export function jsonLog(context: HostileContext, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    timeUnixNano: String(nowNanos(context)),
    severityNumber: 9,
    body: { stringValue: `line ${context.newEventId()}` },
    attributes: [],
    ...changes,
  };
}

export function protobufLog(context: HostileContext, more: readonly Buffer[] = []): Buffer {
  return Buffer.concat([
    fixed64Field(1, nowNanos(context)),
    varintField(2, 9),
    bytesField(5, bytesField(1, `line ${context.newEventId()}`)),
    ...more,
  ]);
}

/** One metric with points, each of a different series. */
export function jsonMetric(
  context: HostileContext,
  kind: string,
  points: readonly Readonly<Record<string, unknown>>[],
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const time = String(nowNanos(context));
  const series = (point: object) => ({ timeUnixNano: time, attributes: [textPair("series", context.newEventId())], ...point });
  return {
    name: "queue.length",
    unit: "1",
    [kind]: { dataPoints: points.map(series), aggregationTemporality: 2, isMonotonic: true },
    ...changes,
  };
}

export function textPair(key: string, text: string): Record<string, unknown> {
  return { key, value: { stringValue: text } };
}
