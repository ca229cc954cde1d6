import { type Attributes, SpanKind, type SpanStatusCode } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { InMemoryLogRecordExporter, LoggerProvider, type ReadableLogRecord, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

/** A service that uses only OpenTelemetry's SDK. Its records are kept as batches for exporters. */
export type OtelService = {
  span(span: SentSpan): void;
  log(record: SentLog): void;
  count(name: string, value: number, attributes: Attributes): void;
  observe(name: string, values: readonly number[], attributes: Attributes): void;
  spans(): readonly ReadableSpan[];
  logs(): readonly ReadableLogRecord[];
  metrics(): Promise<ResourceMetrics>;
};

export type SentSpan = {
  readonly name: string;
  readonly kind: SpanKind;
  readonly startMs: number;
  readonly durationMs: number;
  readonly attributes?: Attributes;
  readonly status?: { readonly code: SpanStatusCode; readonly message?: string };
};

type SentLog = {
  readonly atMs: number;
  readonly eventName?: string;
  readonly body?: string;
  readonly attributes?: Attributes;
};

const scope = "shop-instrumentation";

export function createOtelService(serviceName: string): OtelService {
  const resource = resourceFromAttributes({ "service.name": serviceName, "service.version": "4.2.0", "host.name": "ip-10-0-0-7" });
  const spans = new InMemorySpanExporter();
  const logs = new InMemoryLogRecordExporter();
  const metrics = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const tracer = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }).getTracer(scope);
  const logger = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter: logs })] }).getLogger(scope);
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 });
  const meter = new MeterProvider({ resource, readers: [reader] }).getMeter(scope);
  return {
    span({ name, kind, startMs, durationMs, attributes = {}, status }) {
      const span = tracer.startSpan(name, { kind, startTime: startMs, attributes, root: true });
      if (status !== undefined) span.setStatus(status);
      span.end(startMs + durationMs);
    },
    log: ({ atMs, eventName, body, attributes = {} }) =>
      logger.emit({
        timestamp: atMs,
        observedTimestamp: atMs,
        attributes,
        ...(eventName === undefined ? {} : { eventName }),
        ...(body === undefined ? {} : { body }),
      }),
    count: (name, value, attributes) => meter.createCounter(name, { unit: "{item}" }).add(value, attributes),
    observe: (name, values, attributes) => {
      const histogram = meter.createHistogram(name, { unit: "s" });
      for (const value of values) histogram.record(value, attributes);
    },
    spans: () => spans.getFinishedSpans(),
    logs: () => logs.getFinishedLogRecords(),
    async metrics() {
      await reader.forceFlush();
      const last = metrics.getMetrics().at(-1);
      if (last === undefined) throw new Error("nothing was measured");
      return last;
    },
  };
}

/** A request that the service answered over HTTP, as its instrumentation records it. */
export function servedRequest(method: string, route: string, status: number, startMs: number, durationMs: number): SentSpan {
  return {
    name: `${method} ${route}`,
    kind: SpanKind.SERVER,
    startMs,
    durationMs,
    attributes: { "http.request.method": method, "http.route": route, "http.response.status_code": status },
  };
}
