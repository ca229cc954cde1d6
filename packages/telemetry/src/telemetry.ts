import { context, type Meter, metrics, propagation, type Tracer, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from "@opentelemetry/semantic-conventions";
import { observeProcess } from "./process-metrics.ts";
import { observeRuntime } from "./runtime-metrics.ts";
import { ScrapeReader } from "./scrape-reader.ts";

export type TelemetrySettings = {
  readonly serviceName: string;
  readonly version: string;
  /** Base URL of an OTLP/HTTP receiver; spans go to `<otlpEndpoint>/v1/traces`. Without it none are recorded. */
  readonly otlpEndpoint?: string;
  readonly otlpHeaders?: Readonly<Record<string, string>>;
  /** Share of the traces begun here that are recorded, 0 to 1. One begun elsewhere is recorded if its caller does so. */
  readonly sampleRatio: number;
};

export type Telemetry = {
  readonly tracer: Tracer;
  readonly meter: Meter;
  /** All OpenTelemetry metrics of the process in the Prometheus text format. */
  metricsText(): Promise<string>;
  /** Sends the spans that wait, then stops. Never rejects: telemetry that cannot be sent must not fail a shutdown. */
  shutdown(): Promise<void>;
};

const exportTimeoutMs = 5_000;

/** Sets up tracing and metrics of a process, once, also for libraries that ask OpenTelemetry's global API. */
export function startTelemetry(settings: TelemetrySettings): Telemetry {
  const { serviceName, version, otlpEndpoint, sampleRatio } = settings;
  const resource = resourceFromAttributes({ [ATTR_SERVICE_NAME]: serviceName, [ATTR_SERVICE_VERSION]: version });
  const reader = new ScrapeReader();
  const meters = new MeterProvider({ resource, readers: [reader] });
  const tracers = new TracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(otlpEndpoint === undefined ? 0 : sampleRatio) }),
    spanProcessors: otlpEndpoint === undefined ? [] : [spanSender(otlpEndpoint, settings.otlpHeaders ?? {})],
  });
  const stopRuntimeMetrics = observeRuntime(meters.getMeter("runtime"));
  observeProcess(meters.getMeter("process"));
  registerGlobally(tracers, meters);

  return {
    tracer: tracers.getTracer(serviceName, version),
    meter: meters.getMeter(serviceName, version),
    metricsText: () => reader.text(),
    async shutdown() {
      stopRuntimeMetrics();
      await Promise.allSettled([tracers.shutdown(), meters.shutdown()]);
      for (const api of [context, metrics, propagation, trace]) api.disable();
    },
  };
}

function spanSender(otlpEndpoint: string, headers: Readonly<Record<string, string>>): SpanProcessor {
  const url = `${otlpEndpoint.replace(/\/+$/, "")}/v1/traces`;
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: exportTimeoutMs });
  return new BatchSpanProcessor({ exporter, exportTimeoutMillis: exportTimeoutMs });
}

function registerGlobally(tracers: TracerProvider, meters: MeterProvider): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(tracers);
  metrics.setGlobalMeterProvider(meters);
}
