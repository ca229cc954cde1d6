/**
 * An ordinary service in a process of its own: OpenTelemetry's NodeSDK with its instrumentations for HTTP and Node, and the
 * host metrics package, all with their defaults. It counts its own work, and on SIGTERM writes the counts into the file of its first
 * argument. The SDK's own variables set the target and the interval.
 */
import { writeFileSync } from "node:fs";
import type * as http from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { metrics, trace } from "@opentelemetry/api";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { HostMetrics } from "@opentelemetry/host-metrics";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { RuntimeNodeInstrumentation } from "@opentelemetry/instrumentation-runtime-node";
import { PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace";
import { StockTruth } from "./stock-truth.ts";

const truth = new StockTruth();
const exportIntervalMillis = Number(process.env["OTEL_METRIC_EXPORT_INTERVAL"]);
const sdk = new NodeSDK({
  instrumentations: [new HttpInstrumentation(), new RuntimeNodeInstrumentation()],
  metricReaders: [
    new PeriodicExportingMetricReader({
      exporter: truth.watchedMetrics(new OTLPMetricExporter()),
      exportIntervalMillis,
      exportTimeoutMillis: exportIntervalMillis,
    }),
  ],
  spanProcessors: [new BatchSpanProcessor({ exporter: truth.watchedSpans(new OTLPTraceExporter()) })],
});
sdk.start();
new HostMetrics().start();

// The instrumentation patches only modules that are required after it started.
const { createServer } = createRequire(import.meta.url)("node:http") as typeof http;
const operations = metrics.getMeter("stock-service").createHistogram("db.client.operation.duration", { unit: "s" });

/** Every tenth request to one route fails, every third to the other is slow, and each makes a look-up. */
const routes = ["GET /rooms/:id", "POST /rooms/:id/votes"];

function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  const route = routes[request.method === "POST" ? 1 : 0] as string;
  trace.getActiveSpan()?.setAttribute("http.route", route.slice(route.indexOf(" ") + 1));
  const served = truth.served(route);
  const seconds = ((served * 7) % 23) / 1_000;
  operations.record(seconds, { "db.system.name": "sqlite", "db.operation.name": route === routes[0] ? "SELECT" : "INSERT" });
  truth.looked(seconds);
  response.statusCode = served % 10 === 0 ? 503 : 200;
  if (response.statusCode === 503) truth.failed(route);
  setTimeout(() => response.end("done"), served % 3 === 0 ? 15 : 0);
}

const server = createServer(answer).listen(0, "127.0.0.1", () => {
  process.stdout.write(`ready ${JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })}\n`);
});

process.once("SIGTERM", async () => {
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
  await sdk.shutdown();
  writeFileSync(process.argv[2] as string, JSON.stringify(truth.counted()));
  process.exit(0);
});
