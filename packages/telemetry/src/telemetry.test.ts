import { createServer, type IncomingHttpHeaders } from "node:http";
import Module from "node:module";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { context, metrics, trace } from "@opentelemetry/api";
import { afterEach, expect, test } from "vitest";
import { startTelemetry, type Telemetry } from "./telemetry.ts";

let telemetry: Telemetry | undefined;
afterEach(() => telemetry?.shutdown());

type Received = { readonly url: string | undefined; readonly headers: IncomingHttpHeaders; readonly body: Buffer };

async function startReceiver() {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    received.push({ url: request.url, headers: request.headers, body: await buffer(request) });
    response.writeHead(200, { "content-type": "application/x-protobuf", connection: "close" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { received, endpoint: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

test("sampled spans reach the OTLP endpoint as protobuf, with its headers, at the latest on shutdown", async () => {
  const receiver = await startReceiver();
  telemetry = startTelemetry({
    serviceName: "ingest",
    version: "0.1.0",
    otlpEndpoint: receiver.endpoint,
    otlpHeaders: { "x-api-key": "tk_test" },
    sampleRatio: 1,
  });
  telemetry.tracer.startSpan("commit batch").end();
  await telemetry.shutdown();
  receiver.close();
  expect(receiver.received).toHaveLength(1);
  const [{ url, headers, body } = {} as Received] = receiver.received;
  expect(url).toBe("/v1/traces");
  expect(headers).toMatchObject({ "content-type": "application/x-protobuf", "x-api-key": "tk_test" });
  for (const text of ["commit batch", "service.name", "ingest", "0.1.0"]) expect(body.includes(text)).toBe(true);
});

test("with a ratio of 0 nothing is sent, and a span still has its trace id", async () => {
  const receiver = await startReceiver();
  telemetry = startTelemetry({ serviceName: "api", version: "0.1.0", otlpEndpoint: receiver.endpoint, sampleRatio: 0 });
  const span = telemetry.tracer.startSpan("query");
  span.end();
  await telemetry.shutdown();
  receiver.close();
  expect(span.spanContext().traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
  expect(receiver.received).toEqual([]);
});

test("without an endpoint no span is recorded", () => {
  telemetry = startTelemetry({ serviceName: "worker", version: "0.1.0", sampleRatio: 1 });
  expect(telemetry.tracer.startSpan("tick").isRecording()).toBe(false);
});

test("an endpoint that does not answer does not fail the shutdown", async () => {
  const receiver = await startReceiver();
  receiver.close();
  telemetry = startTelemetry({ serviceName: "worker", version: "0.1.0", otlpEndpoint: receiver.endpoint, sampleRatio: 1 });
  telemetry.tracer.startSpan("tick").end();
  await expect(telemetry.shutdown()).resolves.toBeUndefined();
}, 15_000);

test("event loop, heap and CPU are measured", async () => {
  telemetry = startTelemetry({ serviceName: "ingest", version: "0.1.0", sampleRatio: 0 });
  const { metricsText } = telemetry;
  // The event loop's delay is shown once it has been sampled.
  const text = await expect.poll(metricsText, { timeout: 5_000 }).toContain("nodejs_eventloop_delay_p99_seconds ").then(metricsText);
  for (const series of [
    'target_info{service_name="ingest",service_version="0.1.0"} 1',
    'v8js_memory_heap_used_bytes{v8js_heap_space_name="old_space"}',
    'process_cpu_time_seconds_total{cpu_mode="user"}',
    "process_memory_usage_bytes ",
    "nodejs_eventloop_utilization_ratio ",
  ]) {
    expect(text).toContain(`\n${series}`);
  }
});

test("garbage collection is measured by type", async () => {
  telemetry = startTelemetry({ serviceName: "ingest", version: "0.1.0", sampleRatio: 0 });
  const { metricsText } = telemetry;
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  collectGarbage();
  await expect.poll(metricsText, { timeout: 5_000 }).toContain('v8js_gc_duration_seconds_count{v8js_gc_type="major"}');
});

test("setting up telemetry leaves the module loader alone", () => {
  const before = Module.prototype.require;
  telemetry = startTelemetry({ serviceName: "ingest", version: "0.1.0", sampleRatio: 1, otlpEndpoint: "http://127.0.0.1:9" });
  expect(Module.prototype.require).toBe(before);
});

test("hostile label values end in one overflow series", async () => {
  telemetry = startTelemetry({ serviceName: "ingest", version: "0.1.0", sampleRatio: 0 });
  const counter = telemetry.meter.createCounter("things");
  const duration = telemetry.meter.createHistogram("things.duration", { unit: "s" });
  for (let n = 0; n < 20_000; n++) {
    counter.add(1, { thing: `t${n}` });
    duration.record(1, { thing: `t${n}` });
  }
  const text = await telemetry.metricsText();
  expect(text).toContain('things_total{otel_metric_overflow="true"}');
  expect(text.split("\n").length).toBeLessThan(5_000);
});

test("libraries find tracer, meter and context manager through the global API until shutdown", async () => {
  telemetry = startTelemetry({ serviceName: "ingest", version: "0.1.0", sampleRatio: 0 });
  const span = trace.getTracer("library").startSpan("work");
  expect(span.spanContext().traceId).not.toMatch(/^0+$/);
  const seen = await context.with(trace.setSpan(context.active(), span), async () => {
    await Promise.resolve();
    return trace.getActiveSpan();
  });
  expect(seen).toBe(span);
  metrics.getMeter("library").createCounter("library.calls").add(2);
  expect(await telemetry.metricsText()).toContain("library_calls_total 2");
  await telemetry.shutdown();
  expect(trace.getTracer("library").startSpan("late").spanContext().traceId).toMatch(/^0+$/);
});
