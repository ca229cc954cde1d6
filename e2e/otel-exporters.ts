import { Metadata } from "@grpc/grpc-js";
import type { ExportResult } from "@opentelemetry/core";
import { OTLPLogExporter as GrpcLogExporter } from "@opentelemetry/exporter-logs-otlp-grpc";
import { OTLPLogExporter as JsonLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPMetricExporter as GrpcMetricExporter } from "@opentelemetry/exporter-metrics-otlp-grpc";
import { OTLPMetricExporter as JsonMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter as GrpcTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as JsonTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import type { LogRecordExporter, ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { PushMetricExporter, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";

/** The three transports of OpenTelemetry's own SDKs. */
export const transports = ["http/protobuf", "http/json", "grpc"] as const;
export type Transport = (typeof transports)[number];
export type HttpTransport = Exclude<Transport, "grpc">;

export type Destination = { readonly url: string; readonly grpcAddress: string; readonly key: string };

/** The official exporters of one transport. Each resolves with the result of its export, retries included. */
export type OtelExporters = {
  spans(spans: readonly ReadableSpan[]): Promise<ExportResult>;
  logs(records: readonly ReadableLogRecord[]): Promise<ExportResult>;
  metrics(metrics: ResourceMetrics): Promise<ExportResult>;
  shutdown(): Promise<void>;
};

type Exporters = { readonly spans: SpanExporter; readonly logs: LogRecordExporter; readonly metrics: PushMetricExporter };

export function createOtelExporters(transport: Transport, destination: Destination): OtelExporters {
  const { spans, logs, metrics } = officialExporters(transport, destination);
  return {
    spans: (batch) => new Promise((resolve) => spans.export([...batch], resolve)),
    logs: (batch) => new Promise((resolve) => logs.export([...batch], resolve)),
    metrics: (batch) => new Promise((resolve) => metrics.export(batch, resolve)),
    shutdown: async () => void (await Promise.all([spans.shutdown(), logs.shutdown(), metrics.shutdown()])),
  };
}

function officialExporters(transport: Transport, { url, grpcAddress, key }: Destination): Exporters {
  if (transport === "grpc") {
    const metadata = new Metadata();
    metadata.set("x-api-key", key);
    const settings = { url: `http://${grpcAddress}`, metadata };
    return { spans: new GrpcTraceExporter(settings), logs: new GrpcLogExporter(settings), metrics: new GrpcMetricExporter(settings) };
  }
  const to = (signal: string) => ({ url: `${url}/v1/${signal}`, headers: { "x-api-key": key } });
  if (transport === "http/json") {
    return {
      spans: new JsonTraceExporter(to("traces")),
      logs: new JsonLogExporter(to("logs")),
      metrics: new JsonMetricExporter(to("metrics")),
    };
  }
  return {
    spans: new ProtobufTraceExporter(to("traces")),
    logs: new ProtobufLogExporter(to("logs")),
    metrics: new ProtobufMetricExporter(to("metrics")),
  };
}
