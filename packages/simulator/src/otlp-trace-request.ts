import type { ServerSpan } from "./message.ts";

type Attribute = { readonly key: string; readonly value: { readonly stringValue: string } | { readonly intValue: string } };

const text = (key: string, stringValue: string): Attribute => ({ key, value: { stringValue } });
const whole = (key: string, value: number): Attribute => ({ key, value: { intValue: String(value) } });

const spanKindServer = 2;
const statusCodeError = 2;

/** Unix nanoseconds as OTLP/JSON writes 64-bit integers: a decimal string. @param extraUs microseconds after `ms` */
const nanoseconds = (ms: number, extraUs = 0) => String(BigInt(ms) * 1_000_000n + BigInt(extraUs) * 1_000n);

function attributesOf(span: ServerSpan): readonly Attribute[] {
  const status = whole("http.response.status_code", span.statusCode);
  if (span.method !== undefined) return [text("http.route", span.route), text("http.request.method", span.method), status];
  return [text("graphql.operation.name", span.route), text("graphql.operation.type", span.graphqlType ?? "query"), status];
}

function otlpSpan(span: ServerSpan) {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
    name: `${span.method ?? span.graphqlType ?? "query"} ${span.route}`,
    kind: spanKindServer,
    startTimeUnixNano: nanoseconds(span.startMs),
    endTimeUnixNano: nanoseconds(span.startMs, span.durationUs),
    attributes: attributesOf(span),
    status: span.failed ? { code: statusCodeError } : {},
  };
}

/**
 * An OTLP/JSON `ExportTraceServiceRequest`, one resource a service in the order of first mention.
 * Attribute names follow the OpenTelemetry semantic conventions for HTTP and GraphQL servers.
 */
export function otlpTraceRequest(spans: readonly ServerSpan[]) {
  const byService = Map.groupBy(spans, (span) => span.service);
  return {
    resourceSpans: [...byService].map(([service, own]) => ({
      resource: { attributes: [text("service.name", service)] },
      scopeSpans: [{ scope: { name: "trinity" }, spans: own.map(otlpSpan) }],
    })),
  };
}
